redis-server --port 0 --unixsocket ./socket --save '' --appendonly yes --daemonize no > log &
server=$!
for _ in $(seq 200); do redis-cli -s ./socket ping > /dev/null 2>&1 && break; sleep 0.05; done
redis-benchmark -s ./socket -q -n 2000 -c 10 -t set,get,lpush | tr '\r' '\n' | grep -c 'requests per second'
redis-cli -s ./socket set key value; redis-cli -s ./socket get key; redis-cli -s ./socket llen mylist
redis-cli -s ./socket bgrewriteaof > /dev/null; redis-cli -s ./socket eval 'return redis.call("dbsize")' 0
redis-cli -s ./socket shutdown nosave || true; wait $server; echo "ended $?"
