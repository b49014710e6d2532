// No request is lost from the books: in random worlds with random faults, and in every shipped scenario, what began has
// ended or is still open, and nothing arrives that nobody sent. FIRSTBYTE_RANDOM_WORLDS sets another number of worlds.
#include "support/random_world.hpp"
#include "support/simulation.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

struct Ran {
    Results results;
    Books books;
    std::uint64_t fingerprint = 0, outcomes = 0;
};

Ran run(const std::string& text, const std::string& file, const std::vector<Override>& overrides = {}) {
    Ran ran;
    ran.results = simulate(build_world(load_scenario(text, file, overrides)), {});
    for (const ReplicationResults& one : ran.results.replications) {
        ran.books.merge(one.books);
        ran.fingerprint += one.fingerprint;
        for (const RequestResults& requests : one.requests)
            for (const auto& [outcome, count] : requests.outcomes) ran.outcomes += count;
    }
    return ran;
}

void check_books(const Ran& ran) {
    CHECK(ran.books.requests_started == ran.books.requests_ended + ran.books.requests_open);
    CHECK(ran.books.connections_opened == ran.books.connections_closed + ran.books.connections_open);
    CHECK(ran.books.bytes_delivered <= ran.books.bytes_written);
    CHECK(ran.outcomes <= ran.books.requests_started);
}

void check_outcomes(const Ran& ran) {
    for (const ReplicationResults& one : ran.results.replications) {
        for (const RequestResults& requests : one.requests) {
            std::uint64_t complete = 0;
            for (const auto& [outcome, count] : requests.outcomes) {
                const ClientView view = view_of(outcome);
                const int status = status_of(outcome);
                if (view == ClientView::Ok) CHECK(status < 400);
                if (view == ClientView::HttpError) CHECK(status >= 400);
                if (view == ClientView::Ok || view == ClientView::HttpError) complete += count;
                if (outcome.cause == Cause::ClientGone) CHECK(status == 499);
                CHECK(one.examples.contains(outcome));
            }
            CHECK(requests.request_time.count() == complete); // every complete response has its time
            CHECK(requests.ttfb.count() >= complete);
        }
    }
}

} // namespace

TEST_CASE("books: random worlds with random faults") {
    const char* const wanted = std::getenv("FIRSTBYTE_RANDOM_WORLDS");
    const int worlds = wanted != nullptr ? std::atoi(wanted) : 1000;
    const char* const first = std::getenv("FIRSTBYTE_RANDOM_WORLD");
    std::uint64_t requests = 0, statuses = 0;
    for (int n = 0; n < worlds; ++n) {
        const std::uint64_t seed =
            (first != nullptr ? std::uint64_t{std::strtoull(first, nullptr, 10)} : std::uint64_t{1}) +
            static_cast<std::uint64_t>(n);
        CAPTURE(seed);
        const std::string text = RandomWorld(seed).text();
        if (std::getenv("FIRSTBYTE_RANDOM_SHOW") != nullptr) MESSAGE(text);
        const Ran ran = run(text, "random.fb.json");
        check_books(ran);
        check_outcomes(ran);
        if (n % 10 == 0) CHECK(run(text, "random.fb.json").fingerprint == ran.fingerprint);
        requests += ran.books.requests_started;
        for (const RequestResults& all : ran.results.replications.at(0).requests) statuses += all.outcomes.size();
    }
    CHECK(requests > static_cast<std::uint64_t>(worlds) * 10); // they are worlds in which something happens
    CHECK(statuses > static_cast<std::uint64_t>(worlds) * 2);
}

TEST_CASE("books: every shipped scenario, in its beginning") {
    for (const auto& entry : std::filesystem::directory_iterator(FIRSTBYTE_SOURCE_DIR "/scenarios")) {
        if (!entry.path().string().ends_with(".fb.json")) continue;
        CAPTURE(entry.path().filename().string());
        std::ifstream stream(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>{stream}, {}};
        const Ran ran = run(text, entry.path().string(), {{"run.replications", "1"}});
        check_books(ran);
        check_outcomes(ran);
        CHECK(ran.books.requests_started > 0);
    }
}

TEST_CASE("books: without loss, faults and resets every byte that is written is delivered") {
    const std::string text =
        R"({"format": 1, "name": "calm", "run": {"duration": "60s", "replications": 1}, "pops": [{"id": "p"}],
      "origins": [{"id": "o", "rtt_to": {"p": "30ms"}, "service_time": "20ms", "preset": "go"}],
      "clients": [{"id": "c", "population": 50, "sessions": "20/s", "rtt_to": {"p": "20ms"}, "access": {"down": "20Mbps"}}],
      "workload": {"requests_per_session": 3, "objects": [{"id": "x", "response": {"dist": "lognormal", "median": "20KB", "p99": "300KB"}}]},
      "edge": {"cache_hit_ratio": 0.5}})";
    const Ran ran = run(text, "calm.fb.json");
    check_books(ran);
    CHECK(ran.books.requests_open == 0);
    CHECK(ran.books.bytes_delivered == ran.books.bytes_written);
    CHECK(ran.books.requests_started > 3000);
}
