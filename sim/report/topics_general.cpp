#include "report/topics.hpp"

namespace firstbyte::report {

std::vector<Topic> general_topics() {
    return {
        {"exit codes", "0: done, no threshold failed (warnings may have been given).\n"
                       "1: failure while running: a file that cannot be read or written, memory.\n"
                       "2: usage: an unknown flag, command or value.\n"
                       "3: the scenario is not valid.\n"
                       "99: a threshold of level error failed, or one found no sample at all (run, compare).\n"
                       "130 and 143: interrupted by SIGINT or SIGTERM."},
        {"interval",
         "the number behind +/- and the range of a change are confidence intervals over the replications, by "
         "Student's t: one value for each replication, n - 1 degrees of freedom, run.confidence wide (95 %).\n"
         "The value in front is of the pooled counts of all replications. A change is compared in pairs: "
         "replication r sees the same arrivals, losses and think times in every variant (common random "
         "numbers). An interval that contains 0 is reported as \"no detectable difference\". One "
         "replication has no interval."},
        {"saved per hit", "in compare: the mean saving of a request divided by the share of connections whose SYN data "
                          "were accepted, that is, what one hit is worth. With one request on each connection and a "
                          "first flight that fits the SYN it is the round trip between client and PoP."},
        {"thresholds",
         "agg(metric{label=value}) op value, for instance p95(ttfb) < 250ms, or "
         "rate(outcome{code=520}) < 0.05%, or saving(p50(ttfb)) >= 10%.\n"
         "agg is p50, p95, p99.9, ..., mean, min, max, count, rate (per request), ratio (per connection) "
         "or sum; op is <, <=, >, >= or ==, the last with a tolerance: == 241ms +- 1ms.\n"
         "They are judged on the pooled counts of all replications. A filter that matches no sample fails at any "
         "level. In compare each variant but the baseline is judged, unless the threshold names one."},
    };
}

} // namespace firstbyte::report
