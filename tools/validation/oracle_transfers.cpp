// Long transfers under independent loss, and how long slow start lasts.
#include "oracle_experiments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

// Linux opens the window by the segments that an ACK covers (tcp_cong_avoid_ai), not by ACKs: delayed ACKs do not slow
// it down, and the formulas' `b` is 1 for it even where two segments share an ACK. Their value for that b is what is
// expected.

struct LongTransfer {
    double rtt_s = 0, loss = 0, mss = 0;
    bool acks_each = true; ///< the receiver acknowledges every segment at once
    std::string more;      ///< further keys of the leg
};

constexpr int transfers = 4;

/// Mean time from the first byte to the last of NewReno transfers that do not meet each other, in seconds.
double mean_transfer_s(const LongTransfer& t, std::int64_t bytes, const OracleOptions& options) {
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": {}, "rtt_to": {{"p": "{}ms"}}, "access": {{"loss": {}}},
             "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "{}B"}}]}}]}})",
        transfers, t.rtt_s * 1e3, t.loss, bytes);
    const std::string leg =
        fmt::format(R"("congestion": "reno", "timestamps": false, "mss": "{}B", "delayed_ack": "{}ms"{})", t.mss,
                    t.acks_each ? 0 : 40, t.more);
    const RequestResults got = all_requests(run_sum(cached_world(clients, leg, 100'000, bytes), options));
    return (got.request_time.mean() - got.ttfb.mean()) / 1e9;
}

/// Bytes per second once slow start is forgotten. The longer run begins as the shorter one does, packet by packet.
double steady_throughput(const LongTransfer& t, const OracleOptions& options) {
    constexpr double losses = 200; // of each transfer, in the part that counts
    constexpr double most = 0.8e9; // a message has at most 1 GB
    const auto bytes = static_cast<std::int64_t>(std::min(t.mss * losses / t.loss, most));
    const std::int64_t before = bytes / 5;
    return static_cast<double>(bytes) /
           (mean_transfer_s(t, before + bytes, options) - mean_transfer_s(t, before, options));
}

Observed mathis(const OracleCase& given, const OracleOptions& options) {
    const double b = number(given, "b");
    const double observed =
        steady_throughput({number(given, "rtt_s"), number(given, "p"), number(given, "mss"), b == 1, ""}, options);
    return {observed, transfers, "", 0, given.expected * std::sqrt(b)};
}

Observed pftk(const OracleCase& given, const OracleOptions& options) {
    const double mss = number(given, "mss"), rtt_s = number(given, "rtt_s"), p = number(given, "p"),
                 t0_s = number(given, "t0_s");
    // T0 is the timeout, SRTT + min_rto at a constant round-trip time.
    const std::string timeout = fmt::format(R"(, "min_rto": "{:.0f}ms")", (t0_s - rtt_s) * 1e3);
    const double observed = steady_throughput({rtt_s, p, mss, number(given, "b") == 1, timeout}, options);
    const double for_linux =
        mss / (rtt_s * std::sqrt(2 * p / 3) + t0_s * std::min(1.0, 3 * std::sqrt(3 * p / 8)) * p * (1 + 32 * p * p));
    return {observed, transfers, "", 0, number(given, "b") == 1 ? std::optional<double>{} : for_linux};
}

/// First transmissions of a response's segments, in order of sending.
struct FirstFlight {
    double segments = 0;            ///< all
    double before_loss = 0;         ///< ahead of the first one lost
    double from_first_to_end_s = 0; ///< sending of the first segment until that of the first one lost, or of the last
};

FirstFlight first_flight(const TraceConnection& trace) {
    FirstFlight flight;
    std::uint32_t next = 1;
    bool lost = false;
    Instant began{};
    for (const TracePacket& packet : trace.packets) {
        if (packet.up || packet.length == 0 || packet.seq != next) continue; // a repetition or none of them
        next += packet.length;
        if (flight.segments == 0) began = packet.at;
        flight.segments += 1;
        if (lost) continue;
        flight.from_first_to_end_s = to_seconds(packet.at - began);
        lost = packet.act == TracePacket::Act::Lost;
        if (!lost) flight.before_loss += 1;
    }
    return flight;
}

/// Mean of what `use` makes of each of so many responses; in batches, for packets take memory.
template <class Use>
Observed mean_over_flights(const OracleCase& given, std::uint64_t connections, const std::string& leg, double rtt_s,
                           Use use) {
    constexpr double batch_packets = 200'000;
    constexpr int mss = 1460;
    const double segments = number(given, "segments");
    const auto batch =
        static_cast<std::uint32_t>(std::clamp(batch_packets / segments, 1.0, static_cast<double>(connections)));
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": {}, "rtt_to": {{"p": "{}ms"}}, "access": {{"loss": {}}},
             "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "{:.0f}B"}}]}}]}})",
        batch, rtt_s * 1e3, number(given, "p"), segments * mss);
    const std::string text = cached_world(clients, R"("timestamps": false)" + leg, 1);
    double sum = 0;
    std::uint64_t done = 0;
    for (std::uint64_t seed = 1; done < connections; ++seed) {
        const Results results = run_traced(text, batch, seed);
        for (const TraceConnection& trace : results.traces) {
            sum += use(first_flight(trace));
            ++done;
        }
    }
    return {sum / static_cast<double>(done), done, "", 0, {}};
}

/// Packets are recorded one by one here: a case takes what it asks for, but 20 million packets at most.
std::uint64_t flights_of(const OracleCase& given, const OracleOptions& options) {
    constexpr double most_packets = 20e6;
    const double wanted = static_cast<double>(samples_of(given, options));
    return static_cast<std::uint64_t>(std::min(wanted, most_packets / number(given, "segments")));
}

Observed cardwell_dss(const OracleCase& given, const OracleOptions& options) {
    return mean_over_flights(given, flights_of(given, options), "", 0.1, [](const FirstFlight& f) {
        return f.before_loss + 1;
    }); // the formula counts the lost one too
}

Observed cardwell_tss(const OracleCase& given, const OracleOptions& options) {
    const double rtt_s = number(given, "rtt_s"), p = number(given, "p"), w1 = number(given, "w1");
    constexpr double rare = 1e-6;
    const std::uint64_t connections = p > rare ? 2000 : 1;
    Observed observed = mean_over_flights(given, connections, fmt::format(R"(, "initial_window": {})", w1), rtt_s,
                                          [rtt_s](const FirstFlight& f) { return f.from_first_to_end_s + rtt_s; });
    // gamma is 1 + 1/b: 2 for this stack, see above.
    const double d = number(given, "segments"), sent = (1 - std::pow(1 - p, d)) * (1 - p) / p + 1;
    if (number(given, "gamma") != 2.0) observed.expected = rtt_s * std::log2(sent / w1 + 1);
    static_cast<void>(options);
    return observed;
}

Observed any_loss(const OracleCase& given, const OracleOptions& options) {
    return mean_over_flights(given, flights_of(given, options), "", 0.1,
                             [](const FirstFlight& f) { return f.before_loss < f.segments ? 1.0 : 0.0; });
}

} // namespace

Experiments transfer_experiments() {
    return {{"mathis", mathis},
            {"pftk", pftk},
            {"cardwell_dss", cardwell_dss},
            {"cardwell_tss", cardwell_tss},
            {"any_loss", any_loss}};
}

} // namespace firstbyte::validate
