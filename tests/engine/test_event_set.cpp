/// The event set against std::multiset, which is simple enough to be right.

#include "engine/event_set.hpp"

#include "core/random.hpp"
#include "support/allocation_counter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace firstbyte::engine {
namespace {

using namespace std::chrono_literals;

/// A stream of random numbers for a test, one after another.
class Source {
public:
    explicit Source(std::uint64_t seed) : draws_(seed, 0) {}
    std::uint64_t below(std::uint64_t bound) { return draws_.below(bound, Stream::Loss, 0, n_++); }
    double uniform() { return draws_.uniform(Stream::Loss, 0, n_++); }
    bool chance(double probability) { return uniform() < probability; }

private:
    Draws draws_;
    std::uint64_t n_ = 0;
};

using Increment = std::function<Duration(Source&)>;

Duration nanoseconds(double count) { return Duration{static_cast<std::int64_t>(count)}; }

/// How far ahead of the present the events of a workload lie.
struct Workload {
    std::string name;
    Increment increment;
};

const Workload workloads[] = {
    {"exponential, mean 1 ms", [](Source& s) { return nanoseconds(-1e6 * std::log(s.uniform())); }},
    {"uniform in 0 ... 20 ms", [](Source& s) { return nanoseconds(2e7 * s.uniform()); }},
    {"uniform in 0 ... 3 ns, so that most tie", [](Source& s) { return Duration{s.below(4)}; }},
    {"all at the present instant", [](Source&) { return 0ns; }},
    {"1 us or 400 s", [](Source& s) { return s.chance(0.5) ? 1us : Duration{400s}; }},
    {"1 us, rarely 400 s", [](Source& s) { return s.chance(0.99) ? 1us : Duration{400s}; }},
    {"evenly over all magnitudes from 1 ns to 1000 s",
     [](Source& s) { return nanoseconds(std::pow(10.0, 12 * s.uniform())); }},
    {"bursts: a common instant far ahead, or the present",
     [](Source& s) { return s.chance(0.7) ? Duration{1s} : Duration{s.below(3)}; }},
    {"to the ends of time", [](Source& s) { return s.chance(0.9) ? Duration{s.below(1000)} : Duration{1LL << 61}; }},
};

Instant later(Instant now, Duration by) { return by > never - now ? never : now + by; }

/// Does the same to both sets, and counts where they differ.
class Pair {
public:
    void push(Event event) {
        set_.push(event);
        reference_.insert(event);
    }

    void pop() {
        compare();
        now_ = reference_.begin()->at;
        const Event popped = set_.pop();
        if (popped != *reference_.begin() || set_.size() != reference_.size() - 1) ++differences_;
        reference_.erase(reference_.begin());
    }

    void pop_all() {
        while (!reference_.empty()) pop();
        if (!set_.empty()) ++differences_;
    }

    /// Looks at the next events, removes nothing.
    void compare() {
        if (set_.least() != *reference_.begin()) ++differences_;
    }

    [[nodiscard]] std::size_t size() const { return reference_.size(); }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] std::size_t differences() const { return differences_; }

private:
    EventSet set_;
    std::multiset<Event> reference_;
    Instant now_{};
    std::size_t differences_ = 0;
};

/// Pushes and pops at random around `pending` events, then drains.
/// @return number of differences
std::size_t differences(const Workload& workload, std::size_t pending, std::size_t operations, std::uint64_t seed) {
    Source source(seed);
    Pair pair;
    const auto push = [&] {
        // A small name space, so that equal events happen; a new event may have a smaller name than the one that ran.
        pair.push({later(pair.now(), workload.increment(source)), source.below(1000)});
    };
    for (std::size_t i = 0; i < operations; ++i) {
        const double fill = static_cast<double>(pair.size()) / static_cast<double>(2 * pending);
        if (pair.size() == 0 || !source.chance(fill)) {
            push();
        } else {
            pair.pop();
        }
    }
    pair.pop_all();
    return pair.differences();
}

} // namespace

TEST_CASE("event set: the order is that of a sorted multiset, for any distribution and size") {
    struct Row {
        std::size_t pending;
        std::size_t operations;
    };
    const Row rows[] = {{1, 2'000}, {10, 5'000}, {70, 20'000}, {400, 40'000}, {10'000, 120'000}};
    std::uint64_t seed = 1;
    for (const Workload& workload : workloads) {
        for (const Row& row : rows) {
            CAPTURE(workload.name);
            CAPTURE(row.pending);
            CHECK(differences(workload, row.pending, row.operations, seed++) == 0);
        }
    }
}

TEST_CASE("event set: an event pushed at the instant that runs is next when its name is smaller") {
    for (const std::size_t others : {0U, 1U, 50U, 100U, 5'000U}) {
        CAPTURE(others);
        EventSet set;
        for (std::size_t i = 0; i < others; ++i) set.push({Instant{7ms}, 1'000 + i});
        set.push({Instant{7ms}, 500});
        CHECK(set.pop() == Event{Instant{7ms}, 500});
        set.push({Instant{7ms}, 499});
        set.push({Instant{7ms}, 2});
        set.push({Instant{7ms}, 501});
        CHECK(set.pop() == Event{Instant{7ms}, 2});
        CHECK(set.pop() == Event{Instant{7ms}, 499});
        CHECK(set.pop() == Event{Instant{7ms}, 501});
        CHECK(set.size() == others);
    }
}

TEST_CASE("event set: a crowd may come in before the event that was seen to be next") {
    // The engine looks at the least event, runs something that was not in the set, and pushes what follows from that.
    struct Row {
        std::string name;
        std::function<double(Source&, double)> place; ///< of an early event, as the crowd goes from 0 to 1
    };
    const Row rows[] = {
        {"in no order", [](Source& s, double) { return s.uniform(); }},
        {"ever later", [](Source&, double progress) { return progress; }},
        {"ever earlier", [](Source&, double progress) { return 1 - progress; }},
    };
    for (const Row& row : rows) {
        for (const std::uint64_t far : {100U, 5'000U}) { // few and many that were there before
            for (const Duration ahead : {Duration{1us}, Duration{20ms}, Duration{1100ms}, Duration{400s}}) {
                CAPTURE(row.name);
                CAPTURE(far);
                CAPTURE(ahead.count());
                Source source(far);
                Pair pair;
                for (std::uint64_t i = 0; i < far; ++i) {
                    pair.push({Instant{ahead} + Duration{source.below(1'000'000'000)}, i});
                }
                pair.compare();
                constexpr int crowd = 6'000;
                for (int i = 0; i < crowd; ++i) {
                    const double early = row.place(source, static_cast<double>(i) / crowd);
                    const Instant at{nanoseconds(early * static_cast<double>(ahead.count()))};
                    pair.push({std::max(at, pair.now()), source.below(100)});
                    if (i % 3 == 0) pair.compare();
                    const Duration beyond = ahead + Duration{source.below(2'000'000'000)};
                    if (i % 5 == 0) pair.push({Instant{beyond}, source.below(100)});
                    if (i % 400 == 399) pair.pop();
                }
                pair.pop_all();
                CHECK(pair.differences() == 0);
            }
        }
    }
}

TEST_CASE("event set: the present moves back and forth over coarse and fine boundaries") {
    Source source(77);
    Pair pair;
    for (int round = 0; round < 300; ++round) {
        const auto unit = static_cast<std::int64_t>(std::pow(256.0, 1 + 3.5 * source.uniform()));
        for (int i = 0; i < 150; ++i) {
            // Around a multiple of the unit, on both sides, but never in the past.
            const auto offset = static_cast<std::int64_t>(source.below(2'000)) - 1'000;
            const std::int64_t now = pair.now().time_since_epoch().count();
            const std::int64_t boundary = (now / unit + 1 + static_cast<std::int64_t>(source.below(3))) * unit;
            pair.push({Instant{Duration{std::max(now, boundary + offset)}}, source.below(50)});
            if (source.chance(0.3)) pair.compare();
        }
        for (int i = 0; i < 140; ++i) pair.pop();
    }
    pair.pop_all();
    CHECK(pair.differences() == 0);
}

TEST_CASE("event set: equal events all come out, and the last instant is an instant like others") {
    EventSet set;
    for (int i = 0; i < 300; ++i) {
        set.push({never, 1});
        set.push({Instant{}, 2});
    }
    CHECK(set.size() == 600);
    int first = 0, last = 0;
    while (first < 300 && set.pop() == Event{Instant{}, 2}) ++first;
    while (!set.empty() && set.pop() == Event{never, 1}) ++last;
    CHECK(first == 300);
    CHECK(last == 300);
    CHECK(set.empty());
}

TEST_CASE("event set: in the steady state nothing is allocated") {
    if (!support::allocations_counted()) return;
    for (const Workload& workload : workloads) {
        for (const std::size_t pending : {20U, 1'000U, 20'000U}) {
            CAPTURE(workload.name);
            CAPTURE(pending);
            Source source(3);
            EventSet set;
            Instant now{};
            const auto hold = [&](std::size_t times) {
                for (std::size_t i = 0; i < times; ++i) {
                    now = set.pop().at;
                    set.push({later(now, workload.increment(source)), source.below(1000)});
                }
            };
            for (std::size_t i = 0; i < pending; ++i) set.push({later(now, workload.increment(source)), i});
            set.reserve(pending);
            hold(10 * pending);
            const std::uint64_t before = support::allocations();
            hold(50'000);
            CHECK(support::allocations() == before);
        }
    }
}

TEST_CASE("event set: with room reserved, not even growing allocates") {
    if (!support::allocations_counted()) return;
    for (const Workload& workload : workloads) {
        CAPTURE(workload.name);
        Source source(4);
        EventSet set;
        set.reserve(5'000);
        const std::uint64_t before = support::allocations();
        for (std::uint64_t i = 0; i < 5'000; ++i) set.push({later(Instant{}, workload.increment(source)), i});
        while (!set.empty()) set.pop();
        CHECK(support::allocations() == before);
    }
}

} // namespace firstbyte::engine
