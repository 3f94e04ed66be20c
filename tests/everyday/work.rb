# Threads under a lock of their own that a timer thread takes away, children, pipes and signals.
require "open3"
require "timeout"
require "tempfile"

reader, writer = IO.pipe
child = fork do
  reader.close
  writer.puts "child"
  exit!(3)
end
writer.close
puts reader.read
Process.wait(child)
puts $?.exitstatus

threads = 10.times.map { |i| Thread.new { (1..20_000).reduce(:+) + i } }
p threads.map(&:value)

output, status = Open3.capture2("sort", stdin_data: "b\na\n" * 1000)
p output.size, status.success?

caught = Queue.new
trap("USR1") { caught << 1 }
Process.kill("USR1", Process.pid)
p caught.pop

p((Timeout.timeout(0.2) { sleep } rescue $!.class))

Tempfile.create("work") do |file|
  200.times { |i| file.write("line #{i}\n") }
  file.flush
  p File.size(file.path), IO.readlines(file.path).last
end

GC.stress = true
p 20.times.map { |i| "text #{i}" }.join.size
GC.stress = false
p Process.clock_gettime(Process::CLOCK_MONOTONIC) > 0
