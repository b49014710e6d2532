// Long transfers under independent loss, and how long slow start lasts.
#include "oracle_experiments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace firstbyte::validate {
namespace {

/// How many segments an ACK covers, and keys that make the window grow by ACKs as the formulas have it. An ACK covers
/// two segments only where they do not arrive at one moment: the wire is fast, not infinitely so.
struct Acks {
    std::string leg, access;
};

Acks acks_of(double segments_per_ack) {
    if (segments_per_ack == 1) return {R"("congestion": "reno", "byte_counting": true, "delayed_ack": "0ms")", ""};
    // Linux's receiver acknowledges first segments, and all while its window grows, one by one.
    return {R"("congestion": "reno", "byte_counting": false, "delayed_ack": "40ms", "quick_ack": false)",
            R"(, "down": "10Gbps")"};
}

/// @throws InputError  when no receiver acknowledges so many segments at once
double possible(double segments_per_ack) {
    if (segments_per_ack == 1 || segments_per_ack == 2) return segments_per_ack;
    throw InputError("an ACK covers one segment or two: \"b\" is 1 or 2, \"gamma\" 2 or 1.5");
}

struct LongTransfer {
    double rtt_s = 0, loss = 0, mss = 0, segments_per_ack = 1;
    std::string more{}; ///< further keys of the leg
};

constexpr int transfers = 8; ///< replications of one transfer each

std::string transfer_text(const LongTransfer& t, std::int64_t bytes) {
    const Acks acks = acks_of(t.segments_per_ack);
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": 1, "rtt_to": {{"p": {}}}, "access": {{"loss": {}{}}},
             "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "{}B"}}]}}]}})",
        time_text(t.rtt_s), t.loss, acks.access, bytes);
    return cached_world(clients, fmt::format(R"({}, "timestamps": false, "mss": "{}B"{})", acks.leg, t.mss, t.more), 1,
                        bytes);
}

/// Bytes per second once slow start is forgotten. The longer run begins as the shorter one does, packet by packet.
double steady_throughput(const LongTransfer& t, const Running& running) {
    constexpr double losses = 200; // of each transfer, in the part that counts
    constexpr double most = 0.8e9; // a message has at most 1 GB
    const auto bytes = static_cast<std::int64_t>(
        std::min(t.mss * losses * std::max(running.scale, 0.25) / t.loss, most)); // still thousands of segments
    const std::int64_t before = bytes / 5;
    const std::vector<ReplicationResults> got =
        run_each({transfer_text(t, before), transfer_text(t, before + bytes)}, running, transfers);
    double mean[2] = {};
    for (std::size_t n = 0; n < got.size(); ++n) {
        const RequestResults requests = all_requests(got[n]);
        mean[n] = (requests.request_time.mean() - requests.ttfb.mean()) / 1e9;
    }
    return static_cast<double>(bytes) / (mean[1] - mean[0]);
}

Observed mathis(const OracleCase& given, const Running& running) {
    return {
        steady_throughput(
            {number(given, "rtt_s"), number(given, "p"), number(given, "mss"), possible(number(given, "b"))}, running),
        transfers};
}

Observed pftk(const OracleCase& given, const Running& running) {
    const double rtt_s = number(given, "rtt_s");
    // T0 is the timeout, SRTT + min_rto at a constant round-trip time. The formula is of a Reno without SACK, which
    // often waits for it where a round has lost several.
    const std::string timeout =
        R"(, "sack": false, "tail_loss_probe": false, "min_rto": )" + time_text(number(given, "t0_s") - rtt_s);
    return {steady_throughput({rtt_s, number(given, "p"), number(given, "mss"), possible(number(given, "b")), timeout},
                              running),
            transfers};
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

/// Sum of what `use` makes of each of so many responses; in batches, for packets take memory.
template <class Use>
Observed mean_over_flights(const OracleCase& given, std::uint64_t connections, const std::string& leg,
                           const std::string& access, double rtt_s, const Running& running, Use use) {
    constexpr double batch_packets = 200'000;
    constexpr int mss = 1460;
    const double segments = number(given, "segments");
    const auto batch =
        static_cast<std::uint32_t>(std::clamp(batch_packets / segments, 1.0, static_cast<double>(connections)));
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": {}, "rtt_to": {{"p": {}}}, "access": {{"loss_down": {}{}}},
             "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "{:.0f}B"}}]}}]}})",
        batch, time_text(rtt_s), number(given, "p"), access, segments * mss);
    const std::string text = cached_world(clients, R"("timestamps": false)" + leg, 1);
    const std::uint64_t batches = (connections + batch - 1) / batch;
    std::vector<double> sums(batches); // added in order: any number of threads gives the same sum
    std::vector<std::uint64_t> done(batches);
    const auto run_batch = [&](std::uint64_t n) {
        const Results results = run_traced(text, running, batch, n + 1);
        for (const TraceConnection& trace : results.traces) sums[n] += use(first_flight(trace));
        done[n] = results.traces.size();
    };
    in_parallel(batches, running.jobs, run_batch);
    const auto count = std::accumulate(done.begin(), done.end(), std::uint64_t{0});
    return {std::accumulate(sums.begin(), sums.end(), 0.0) / static_cast<double>(count), count};
}

constexpr double some_rtt_s = 0.1; ///< where it does not matter

Observed cardwell_dss(const OracleCase& given, const Running& running) {
    return mean_over_flights(given, samples_of(given, running), "", "", some_rtt_s, running, [](const FirstFlight& f) {
        return f.before_loss + 1;
    }); // the formula counts the lost one too
}

Observed cardwell_tss(const OracleCase& given, const Running& running) {
    const double rtt_s = number(given, "rtt_s"), segments_per_ack = possible(1 / (number(given, "gamma") - 1));
    constexpr double never = 1e-6; // losses so rare that every transfer is the same
    const auto transfers_taken =
        static_cast<std::uint64_t>(number(given, "p") > never ? 10'000 * running.scale + 100 : 1);
    const Acks acks = acks_of(segments_per_ack);
    return mean_over_flights(given, transfers_taken,
                             fmt::format(R"(, {}, "initial_window": {})", acks.leg, number(given, "w1")), acks.access,
                             rtt_s, running, [rtt_s](const FirstFlight& f) { return f.from_first_to_end_s + rtt_s; });
}

Observed any_loss(const OracleCase& given, const Running& running) {
    return mean_over_flights(given, samples_of(given, running), "", "", some_rtt_s, running,
                             [](const FirstFlight& f) { return f.before_loss < f.segments ? 1.0 : 0.0; });
}

} // namespace

Experiments transfer_experiments() {
    return {{"mathis", mathis, "mss rtt_s p b"},
            {"pftk", pftk, "mss rtt_s p b t0_s"},
            {"cardwell_dss", cardwell_dss, "segments p"},
            {"cardwell_tss", cardwell_tss, "segments p w1 gamma rtt_s"},
            {"any_loss", any_loss, "segments p"}};
}

} // namespace firstbyte::validate
