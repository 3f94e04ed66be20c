perl -e '
    use strict; use warnings; use POSIX; $| = 1;
    my %count; $count{$_ % 7}++ for 1..5000;
    print join(",", map { "$_=$count{$_}" } sort keys %count), "\n";
    open(my $pipe, "-|", "seq 1 5 | tac") or die; print while <$pipe>; close $pipe;
    my $pid = fork; if (!$pid) { exec "false" } waitpid $pid, 0; print "status ", $? >> 8, "\n";
    local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 5; }; print $@;
    print `echo backticks`, "uname ", (POSIX::uname())[0], "\n";
    open(my $out, ">", "written") or die; print $out "by perl\n"; close $out;
    system("exit 9"); exit($? >> 8);
' || echo "status $?"
