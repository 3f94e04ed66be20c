exec 5> config.log
try() { # NAME PROGRAM
    printf 'checking for %s... ' "$1"; echo "$2" > conftest.c
    if gcc -o conftest conftest.c >&5 2>&1 && ./conftest >&5 2>&1; then
        echo yes; echo "#define HAVE_$(echo "$1" | tr 'a-z./' 'A-Z__') 1" >> config.h
    else
        echo no
    fi
    rm -f conftest conftest.c
}
rm -f config.h
for header in stdio.h sys/stat.h sys/epoll.h windows.h threads.h; do
    try "$header" "#include <$header>
int main(void) { return 0; }"
done
for function in fork strlcpy memfd_create no_such_function; do
    try "$function" "char $function(); int main(void) { return (long)&$function == 0; }"
done
for type in int long 'void *'; do
    for size in 1 2 4 8; do
        echo "int a[sizeof($type) == $size ? 1 : -1];" > conftest.c
        if gcc -c conftest.c 2>&5; then echo "size of $type: $size"; fi
    done
done
for i in $(seq 150); do
    case $(expr "$i" % 50) in 0) echo "$i" | sed 's/^/line /' ;; esac
    test "$(basename "/a/b$i" | cut -c1)" = b || exit 1
done
sed 's/HAVE_/GOT_/' config.h > config.new && mv -f config.new config.status; cat config.status
