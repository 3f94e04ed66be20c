mkdir root logs; seq 1 50000 > root/numbers; port=$((20000 + $$ % 20000))
cat > nginx.conf <<END
daemon on; worker_processes 2; pid $PWD/nginx.pid; error_log $PWD/logs/error.log;
events { worker_connections 64; }
http {
    access_log off; sendfile on; gzip on; gzip_types *;
    client_body_temp_path $PWD/a; proxy_temp_path $PWD/b; fastcgi_temp_path $PWD/c;
    uwsgi_temp_path $PWD/d; scgi_temp_path $PWD/e;
    server { listen 127.0.0.1:$port; root $PWD/root; }
}
END
trap '[ ! -e nginx.pid ] || kill "$(cat nginx.pid)"' EXIT
nginx -p "$PWD" -c "$PWD/nginx.conf"
get() { curl -sS --retry 20 --retry-connrefused --retry-delay 1 "$@"; }
get "http://127.0.0.1:$port/numbers" | md5sum
get --compressed "http://127.0.0.1:$port/numbers" | md5sum
get -r 100-199 "http://127.0.0.1:$port/numbers" | md5sum
get -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$port/missing"
get -I "http://127.0.0.1:$port/numbers" | grep Content-Length
kill -HUP "$(cat nginx.pid)"; sleep 0.3
get -r 0-9 "http://127.0.0.1:$port/numbers"
nginx -p "$PWD" -c "$PWD/nginx.conf" -s quit
for _ in $(seq 100); do [ -e nginx.pid ] || break; sleep 0.05; done
[ ! -e nginx.pid ] && echo stopped
