/// Closed formulas of the oracle families, written from their sources: the tests' own route to expected values.
#pragma once

#include <cstdint>
#include <vector>

namespace firstbyte::formulas {

/// Rounds of slow start that so many segments take (RFC 5681 with a window that doubles).
[[nodiscard]] int slow_start_rounds(double segments, double initial_window);
/// Completion over one bottleneck, in s: stalls of slow start (Heidemann, Obraczka, Touch 1997).
[[nodiscard]] double stalled_transfer_s(double rtt_s, double rate_bps, double segments, double mss, double window,
                                        double setup_rtts);
/// When the n-th wait of a doubling timeout ends, n from 0, in s.
[[nodiscard]] double ladder_s(double rto_s, double most_s, int n);
/// RFC 6298 section 2, without clock granularity, in s.
[[nodiscard]] double rto_s(const std::vector<double>& samples_s, double least_s);
/// Mean handshake of a client that alone repeats, given that one of n SYNs is answered, in s.
[[nodiscard]] double handshake_s(double rtt_s, double rto_s, double exchange_loss, int n);
[[nodiscard]] double erlang_b(int servers, double offered);
[[nodiscard]] double erlang_c(int servers, double offered);
/// Mean wait in M/G/1, in s (Pollaczek, Khinchine).
[[nodiscard]] double mg1_wait_s(double per_s, double mean_s, double squared_variation);
[[nodiscard]] double mm1k_refused(double rho, int capacity);
/// Popularities proportional to rank^-alpha.
[[nodiscard]] std::vector<double> zipf(int objects, double alpha);
/// Hit ratio of LRU or FIFO (Che 2002; Fricker, Robert, Roberts 2012).
[[nodiscard]] double cache_hits(const std::vector<double>& popularity, double capacity, bool lru);
[[nodiscard]] double ttl_hits(const std::vector<double>& popularity, double per_s, double ttl_s, bool renewed);
/// Chance that a request needs a new connection where the connection used last is taken first: it finds k busy, and the
/// (k+1)-th has not been needed for the idle timeout.
[[nodiscard]] double most_recent_pool_new(double per_s, double hold_s, double idle_s);
[[nodiscard]] double mathis(double mss, double rtt_s, double loss, double b);
[[nodiscard]] double padhye(double mss, double rtt_s, double loss, double b, double t0_s);
/// Segments sent in slow start before the first loss (Cardwell, Savage, Anderson 2000).
[[nodiscard]] double slow_start_segments(double segments, double loss);
/// Great circle there and back in ms, by the chord between two points of the sphere.
[[nodiscard]] double fibre_rtt_ms(double lat1, double lon1, double lat2, double lon2, double index);

} // namespace firstbyte::formulas
