// Closed formulas of slow start and of long transfers under independent loss.
#include "support/oracles.hpp"

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

struct LongTransfer {
    double rtt_s = 0, loss = 0, mss = 1460;
    double acked_by_one = 1; ///< segments that the receiver acknowledges at once
    std::string more;        ///< further keys of the leg
};

constexpr int transfers = 4;

/// Mean time from the first byte to the last of NewReno transfers that do not meet each other, in seconds.
double mean_transfer_s(const LongTransfer& t, std::int64_t bytes) {
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": {}, "rtt_to": {{"p": "{}ms"}}, "access": {{"loss": {}}},
             "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "{}B"}}]}}]}})",
        transfers, t.rtt_s * 1e3, t.loss, bytes);
    const std::string leg =
        fmt::format(R"("congestion": "reno", "timestamps": false, "mss": "{}B", "delayed_ack": "{}ms"{})", t.mss,
                    t.acked_by_one == 1 ? 0 : 40, t.more);
    const RequestResults got = all_requests(run_many(cached_world(clients, leg, 100'000, bytes)));
    REQUIRE(got.request_time.count() == transfers);
    return (got.request_time.mean() - got.ttfb.mean()) / 1e9;
}

/// Bytes per second once slow start is forgotten. The longer run begins as the shorter one does, packet by packet.
double steady_throughput(const LongTransfer& t) {
    const double losses = 200; // of each transfer, in the part that counts
    const auto bytes =
        static_cast<std::int64_t>(std::min(t.mss * losses / t.loss, 0.8e9)); // a message has at most 1 GB
    const std::int64_t before = bytes / 5;
    return static_cast<double>(bytes) / (mean_transfer_s(t, before + bytes) - mean_transfer_s(t, before));
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

/// Runs at least `connections` responses of `segments` segments under `loss`, in small batches: packets take memory.
/// @return how many
template <class Use>
int each_flight(int connections, int segments, double rtt_s, double loss, const std::string& leg, Use use) {
    constexpr int batch_packets = 200'000;
    const int batch = std::min(connections, batch_packets / segments);
    constexpr int mss = 1460;
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": {}, "rtt_to": {{"p": "{}ms"}}, "access": {{"loss": {}}},
             "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "{}B"}}]}}]}})",
        batch, rtt_s * 1e3, loss, segments * mss);
    const std::string text = cached_world(clients, R"("timestamps": false)" + leg, 1);
    int done = 0;
    for (std::uint64_t seed = 1; done < connections; ++seed) {
        const Results results = run_many(text, static_cast<std::uint32_t>(batch), seed);
        for (const TraceConnection& trace : results.traces) {
            const FirstFlight flight = first_flight(trace);
            REQUIRE(flight.segments == segments);
            use(flight);
            ++done;
        }
    }
    return done;
}

} // namespace

// Linux opens the window by the segments that an ACK covers (tcp_cong_avoid_ai), not by ACKs: delayed ACKs do not slow
// it down, and the formulas' `b` is 1 for it even where two segments share an ACK.
constexpr double growth_by_segments = 1;

TEST_CASE("oracle: long NewReno transfers, Mathis's formula") {
    for (const nlohmann::json& c : cases_of("mathis")) {
        const nlohmann::json& in = c["inputs"];
        const double mss = in["mss"], rtt_s = in["rtt_s"], p = in["p"], b = in["b"];
        const auto formula = [=](double acked) { return mss / rtt_s * std::sqrt(3 / (2 * acked)) / std::sqrt(p); };
        REQUIRE(formula(b) == doctest::Approx(c["expected"].get<double>()));
        check_against(c, steady_throughput({rtt_s, p, mss, b, ""}), formula(growth_by_segments));
    }
}

TEST_CASE("oracle: long NewReno transfers with timeouts, the formula of Padhye and others") {
    for (const nlohmann::json& c : cases_of("pftk")) {
        const nlohmann::json& in = c["inputs"];
        const double mss = in["mss"], rtt_s = in["rtt_s"], p = in["p"], t0_s = in["t0_s"], b = in["b"];
        const auto formula = [=](double acked) {
            return mss / (rtt_s * std::sqrt(2 * acked * p / 3) +
                          t0_s * std::min(1.0, 3 * std::sqrt(3 * acked * p / 8)) * p * (1 + 32 * p * p));
        };
        REQUIRE(formula(b) == doctest::Approx(c["expected"].get<double>()));
        // T0 is the timeout, SRTT + min_rto at a constant round-trip time.
        const std::string timeout = fmt::format(R"(, "min_rto": "{:.0f}ms")", (t0_s - rtt_s) * 1e3);
        check_against(c, steady_throughput({rtt_s, p, mss, b, timeout}), formula(growth_by_segments));
    }
}

TEST_CASE("oracle: segments sent in slow start before the first loss (Cardwell, Savage, Anderson)") {
    for (const nlohmann::json& c : cases_of("cardwell_dss")) {
        const int segments = c["inputs"]["segments"];
        const int connections = segments > 100 ? 2000 : 10'000;
        double sum = 0;
        const int count = each_flight(connections, segments, 0.1, c["inputs"]["p"], "",
                                      [&sum](const FirstFlight& f) { sum += f.before_loss; });
        check(c, sum / count + 1); // the formula counts the lost segment as well
    }
}

TEST_CASE("oracle: length of slow start (Cardwell, Savage, Anderson)") {
    for (const nlohmann::json& c : cases_of("cardwell_tss")) {
        const nlohmann::json& in = c["inputs"];
        const double p = in["p"], rtt_s = in["rtt_s"], d = in["segments"], w1 = in["w1"];
        const int connections = p > 1e-6 ? 2000 : 1;
        double sum_s = 0;
        const int count =
            each_flight(connections, in["segments"], rtt_s, p, fmt::format(R"(, "initial_window": {})", w1),
                        [&](const FirstFlight& f) { sum_s += f.from_first_to_end_s + rtt_s; });
        // For the same reason gamma, 1 + 1/b, is always 2.
        const double sent = (1 - std::pow(1 - p, d)) * (1 - p) / p + 1;
        const double expected = in["gamma"] == 2.0 ? c["expected"].get<double>() : rtt_s * std::log2(sent / w1 + 1);
        check_against(c, sum_s / count, expected);
    }
}

TEST_CASE("oracle: share of responses that lose a segment") {
    for (const nlohmann::json& c : cases_of("any_loss")) {
        const int segments = c["inputs"]["segments"];
        int lost = 0;
        const int count = each_flight(segments > 10 ? 20'000 : 40'000, segments, 0.1, c["inputs"]["p"], "",
                                      [&lost](const FirstFlight& f) { lost += f.before_loss < f.segments ? 1 : 0; });
        check(c, static_cast<double>(lost) / count);
    }
}
