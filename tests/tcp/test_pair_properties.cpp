// Two connections and a bad path between them: whatever happens, they end, and no byte is lost, doubled or made up.
#include "support/connection_pair.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace firstbyte::test;

namespace {

// Sanitizers make a run ten to twenty times slower.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint32_t seeds = 1'500;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr std::uint32_t seeds = 1'500;
#else
constexpr std::uint32_t seeds = 20'000;
#endif
#else
constexpr std::uint32_t seeds = 20'000;
#endif

/// The same bytes for the same seed on any machine: the engine's output is laid down by the C++ standard.
std::vector<std::uint8_t> bytes_of(std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> bytes(32 + random() % 700);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return bytes;
}

} // namespace

TEST_CASE("pair: whatever the path and the applications do, it ends, and no byte is lost, doubled or made up") {
    std::uint32_t in_order = 0, forged = 0, connected = 0, lossy = 0;
    for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
        const std::vector<std::uint8_t> bytes = bytes_of(seed);
        const PairReport report = run_pair(bytes);
        if (!report.fault.empty()) {
            const std::string log = run_pair(bytes, true).log;
            const std::size_t tail = log.size() > 6000 ? log.size() - 6000 : 0;
            FAIL_CHECK("seed " << seed << ", " << report.fault << "\n" << log.substr(tail));
            break;
        }
        in_order += report.in_order ? 1u : 0u;
        forged += report.forged ? 1u : 0u;
        connected += report.connected ? 1u : 0u;
        lossy += report.lost != 0 && report.repeated != 0 && report.in_order ? 1u : 0u;
    }
    // The bytes reach what they are for: most connect, and many repair losses and close in order.
    CHECK(connected > seeds / 2);
    CHECK(in_order > seeds / 5);
    CHECK(lossy > seeds / 20);
    CHECK(forged > seeds / 20);
}

// Without header prediction every segment goes the general way, which follows RFC 9293 section 3.10.7 question by
// question.
TEST_CASE("pair: the short way of expected segments does what the general way does") {
    std::uint64_t bytes_moved = 0;
    for (std::uint32_t seed = 1; seed <= seeds / 10; ++seed) {
        const std::vector<std::uint8_t> bytes = bytes_of(seed);
        const PairReport predicted = run_pair(bytes, true, true), general = run_pair(bytes, true, false);
        REQUIRE_MESSAGE(predicted.log == general.log, "seed " << seed);
        CHECK(predicted.steps == general.steps);
        bytes_moved += predicted.bytes;
    }
    CHECK(bytes_moved > std::uint64_t{seeds} * 100);
}
