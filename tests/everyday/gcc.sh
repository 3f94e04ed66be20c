printf '%s\n' '#include <stdio.h>' '#include <math.h>' 'double half(double);' \
    'int main(void) { printf("%f\n", sqrt(half(8))); }' > main.c
echo 'double half(double x) { return x / 2; }' > half.c
gcc -O2 -g -Wall -c main.c half.c
ar rc libhalf.a half.o
gcc -pipe -o program main.o -L. -lhalf -lm
./program
gcc -O2 -flto -o optimised main.c half.c -lm && ./optimised
echo 'int main(void) { return missing; }' > wrong.c
gcc wrong.c || echo "status $?"
