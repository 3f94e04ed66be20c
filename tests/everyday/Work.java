import java.nio.file.*;
import java.util.concurrent.*;
import java.util.stream.*;

public class Work {
    static Object nothing;
    public static void main(String[] arguments) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        long sum = 0;
        for (Future<Long> part : pool.invokeAll(IntStream.range(0, 8)
                .<Callable<Long>>mapToObj(n -> () -> LongStream.range(0, 200000).map(x -> x * n).sum())
                .collect(Collectors.toList())))
            sum += part.get();
        pool.shutdown();
        System.out.println(sum);
        // The virtual machine handles SIGSEGV itself.
        int caught = 0;
        for (int i = 0; i < 20000; i++)
            try { nothing.hashCode(); } catch (NullPointerException e) { caught++; }
        System.out.println("caught " + caught);
        Process child = new ProcessBuilder("sh", "-c", "echo from a child; exit 3").inheritIO().start();
        System.out.println("child ended " + child.waitFor());
        Files.writeString(Path.of("written"), "by java\n");
        System.gc();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
        System.exit(5);
    }
}
