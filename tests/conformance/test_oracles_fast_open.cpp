// Closed formulas of Fast Open's two components at the server: pending connections and rotating keys.
#include "core/random.hpp"
#include "tcp/fast_open_listener.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <deque>
#include <fstream>
#include <string>

using namespace firstbyte;

namespace {

std::vector<nlohmann::json> cases_of(const std::string& family) {
    std::ifstream file(FIRSTBYTE_SOURCE_DIR "/tests/conformance/oracles/oracles.json");
    REQUIRE(file.is_open());
    std::vector<nlohmann::json> cases;
    for (nlohmann::json& c : nlohmann::json::parse(file).get<std::vector<nlohmann::json>>())
        if (c["family"] == family) cases.push_back(std::move(c));
    REQUIRE(!cases.empty());
    return cases;
}

Duration seconds(double s) { return Duration{std::llround(s * 1e9)}; }

} // namespace

TEST_CASE("oracle: Fast Open connections beyond the pending limit, Erlang's loss formula") {
    for (const nlohmann::json& c : cases_of("tfo_pending_queue")) {
        CAPTURE(c["name"].get<std::string>());
        const auto limit = c["inputs"]["queue_len"].get<std::uint32_t>();
        const double offered = c["inputs"]["offered_erlang"];
        const auto samples = 2 * c["min_samples"].get<std::uint64_t>();
        const Draws draws(1, limit);
        const double hold_s = 0.1; // a round trip
        tcp::PendingFastOpen pending;
        std::deque<Instant> ends; // every connection holds its place equally long: first in, first out
        Instant now{};
        std::uint64_t refused = 0;
        for (std::uint64_t n = 0; n < samples; ++n) {
            now += seconds(-std::log(draws.uniform(Stream::SessionGap, 0, n)) * hold_s / offered);
            for (; !ends.empty() && ends.front() <= now; ends.pop_front()) pending.remove();
            if (!pending.has_room(now, limit)) {
                ++refused;
                continue;
            }
            pending.add();
            ends.push_back(now + seconds(hold_s));
        }
        const double expected = c["expected"];
        const double share = static_cast<double>(refused) / static_cast<double>(samples);
        CAPTURE(share);
        CHECK(std::abs(share - expected) <= c["rel_tolerance"].get<double>() * expected);
    }
}

TEST_CASE("oracle: cookies under key rotation") {
    for (const nlohmann::json& c : cases_of("cookie_key_rotation")) {
        CAPTURE(c["name"].get<std::string>());
        const double period_s = c["inputs"]["rotation_s"], mean_gap_s = c["inputs"]["mean_gap_s"];
        const bool keep_previous = c["inputs"]["keep_previous"];
        const auto samples = c["min_samples"].get<std::uint64_t>();
        const Draws draws(1, static_cast<std::uint32_t>(period_s));
        std::uint64_t good = 0;
        for (std::uint64_t n = 0; n < samples; ++n) {
            // Issued at a random moment between two rotations, shown again after an exponential gap.
            const double issued_s = draws.uniform(Stream::SessionGap, 0, n) * period_s;
            const double shown_s = issued_s - std::log(draws.uniform(Stream::SessionGap, 1, n)) * mean_gap_s;
            tcp::CookieKeys keys = SipKey{n, 0};
            tcp::Segment syn;
            syn.flags = tcp::flag::syn;
            syn.fast_open = tcp::FastOpenOption::Cookie;
            syn.cookie = keys.cookies_of(1, 2).current;
            // More than two rotations change nothing any more.
            const auto rotations = static_cast<std::uint64_t>(std::min(std::floor(shown_s / period_s), 3.0));
            for (std::uint64_t r = 1; r <= rotations; ++r) keys.rotate({n, r}, keep_previous);
            if (judge_syn(true, syn, keys.cookies_of(1, 2)).accept_data) ++good;
        }
        const double expected = c["expected"];
        const double share = static_cast<double>(good) / static_cast<double>(samples);
        CAPTURE(share);
        CHECK(std::abs(share - expected) <= c["rel_tolerance"].get<double>() * expected);
    }
}
