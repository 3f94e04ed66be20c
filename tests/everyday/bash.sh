trap 'echo leaving with $?' EXIT
trap 'echo got USR1' USR1
seq 1 2000 | sort -rn | (while read -r line; do echo "$line"; done) | head -n 3 || true
(trap 'echo subshell ends' EXIT; exit 3) || echo "status $?"
kill -USR1 $$
(kill -USR1 $$; sleep 0.1); wait
coproc cat; echo through cat >&"${COPROC[1]}"; read -r back <&"${COPROC[0]}"; echo "$back"
eval "exec ${COPROC[1]}>&-"; wait
diff <(seq 1 5) <(seq 2 6) || true
mkfifo pipe; (echo in a fifo > pipe &) ; cat pipe
for i in 1 2 3 4 5; do (exit $i) & done
wait -n || true; wait; echo all done
x=$(printf '%s\n' *.sh | tr a-z A-Z); echo "$x"
sleep 10 & sleep 0.1; kill $!; wait $! || echo "killed $?"
( set -e; false; echo not reached ) || echo failed as it should
bash -c 'kill -SEGV $$' || echo "status $?"
ulimit -n 50; bash -c 'ulimit -n'
cat <<< "here string" > written; test -s written
echo to standard error >&2
exit 5
