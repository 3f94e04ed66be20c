// Faults that the virtual machine turns into exceptions: SIGSEGV at an instruction that uses null, and at
// the guard pages below a thread's stack, while others allocate and the collector stops all of them.
public class Faults {
    int value = 1;
    Faults next;

    static long nulls(int rounds) {
        Faults full = new Faults();
        full.next = new Faults();
        long sum = 0;
        int caught = 0;
        for (int i = 0; i < rounds; i++) {
            Faults one = i % 5 == 0 ? null : full;
            try {
                sum += one.value + one.next.value; // one.next.next is null
                if (i % 7 == 0) sum += one.next.next.value;
            } catch (NullPointerException e) {
                caught++;
            }
        }
        return sum * 1000000 + caught;
    }

    static int depth;
    static long down(long a, long b, long c) {
        depth++;
        return down(b, c, a + 1) + a;
    }

    static int overflows(int rounds) {
        int caught = 0;
        for (int i = 0; i < rounds; i++)
            try {
                down(i, 2, 3);
            } catch (StackOverflowError e) {
                caught++;
            }
        return caught;
    }

    static long allocate(int rounds) {
        long sum = 0;
        Object[] kept = new Object[512];
        for (int i = 0; i < rounds; i++) {
            kept[i % 512] = new byte[i % 4096];
            sum += ((byte[]) kept[i % 512]).length;
        }
        return sum;
    }

    public static void main(String[] arguments) throws Exception {
        long[] nulls = new long[3];
        int[] overflows = new int[2];
        long[] allocated = new long[2];
        Thread[] threads = new Thread[7];
        for (int i = 0; i < 3; i++) {
            int n = i;
            threads[i] = new Thread(() -> nulls[n] = nulls(30000 + 1000 * n));
        }
        for (int i = 0; i < 2; i++) {
            int n = i;
            threads[3 + i] = new Thread(null, () -> overflows[n] = overflows(30 + n), "deep", 512 << 10);
            threads[5 + i] = new Thread(() -> allocated[n] = allocate(200000));
        }
        for (Thread thread : threads) thread.start();
        for (Thread thread : threads) thread.join();
        for (long sum : nulls) System.out.println("nulls " + sum);
        for (int caught : overflows) System.out.println("overflows " + caught);
        for (long sum : allocated) System.out.println("allocated " + sum);
        System.out.println("in main " + overflows(10) + " " + nulls(1000));
    }
}
