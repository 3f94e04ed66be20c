mkdir -p tree/deep/er; seq 1 20000 > tree/numbers; ln -s numbers tree/link; ln tree/numbers tree/deep/hard
tar --sort=name --mtime=@0 --owner=0 --group=0 -czf packed.tar.gz tree
mkdir out; tar -xzf packed.tar.gz -C out; diff -r tree out/tree; ls out/tree
gzip -dc packed.tar.gz | tar -tv; gzip -t packed.tar.gz; cp tree/numbers numbers; gzip -9k numbers; xz -k numbers
gzip -dc numbers.gz | md5sum; echo broken | gzip -d || echo "status $?"
