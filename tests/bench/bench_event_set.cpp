/// Hold model (Jones, "An empirical comparison of priority-queue and event-set implementations", 1986): with a constant
/// number of events pending, the next one is removed and put back later. One iteration is one hold.

#include "engine/event_set.hpp"

#include "core/random.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace firstbyte::engine {
namespace {

/// The standard library's binary heap behind the same functions, for comparison.
class Heap {
public:
    void push(const Event& event) { heap_.push(event); }
    Event pop() {
        const Event event = heap_.top();
        heap_.pop();
        return event;
    }

private:
    std::priority_queue<Event, std::vector<Event>, std::greater<>> heap_;
};

enum class Increments { Exponential, Uniform, Bimodal };

/// Increments in ns, prepared so that the measured loop only reads them in order.
std::vector<std::int64_t> prepare(Increments kind) {
    constexpr std::size_t count = std::size_t{1} << 20;
    constexpr double mean = 30e6; // model choice: 30 ms, a common round trip
    const Draws draws(1, 0);
    std::vector<std::int64_t> increments;
    increments.reserve(count);
    for (std::uint64_t n = 0; n < count; ++n) {
        const double u = draws.uniform(Stream::ServiceTime, 0, n);
        double increment = 0;
        switch (kind) {
        case Increments::Exponential: increment = -mean * std::log(u); break;
        case Increments::Uniform: increment = 2 * mean * u; break;
        case Increments::Bimodal: increment = u < 0.1 ? 400e9 : 1e4 * u; break; // idle timers among segments
        }
        increments.push_back(static_cast<std::int64_t>(increment));
    }
    return increments;
}

template <class Set>
void hold(benchmark::State& state, Increments kind) {
    const std::vector<std::int64_t> increments = prepare(kind);
    const auto pending = static_cast<std::size_t>(state.range(0));
    std::size_t next = 0;
    const auto increment = [&] { return Duration{increments[next++ % increments.size()]}; };
    Set set;
    const auto hold_once = [&] {
        Event event = set.pop();
        event.at += increment();
        set.push(event);
    };
    for (std::size_t i = 0; i < pending; ++i) set.push({Instant{increment()}, i});
    for (std::size_t i = 0; i < 2 * pending; ++i) hold_once(); // into the steady state
    for ([[maybe_unused]] auto iteration : state) hold_once();
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void event_set(benchmark::State& state, Increments kind) { hold<EventSet>(state, kind); }
void binary_heap(benchmark::State& state, Increments kind) { hold<Heap>(state, kind); }

void sizes(benchmark::internal::Benchmark* bench) { bench->RangeMultiplier(10)->Range(10, 10'000'000); }
// Filling a heap of ten million takes it a minute each time.
void fewer_sizes(benchmark::internal::Benchmark* bench) { bench->RangeMultiplier(10)->Range(10, 1'000'000); }

BENCHMARK_CAPTURE(event_set, exponential, Increments::Exponential)->Apply(sizes);
BENCHMARK_CAPTURE(event_set, uniform, Increments::Uniform)->Apply(sizes);
BENCHMARK_CAPTURE(event_set, bimodal, Increments::Bimodal)->Apply(sizes);
BENCHMARK_CAPTURE(binary_heap, exponential, Increments::Exponential)->Apply(fewer_sizes);
BENCHMARK_CAPTURE(binary_heap, uniform, Increments::Uniform)->Apply(fewer_sizes);
BENCHMARK_CAPTURE(binary_heap, bimodal, Increments::Bimodal)->Apply(fewer_sizes);

} // namespace
} // namespace firstbyte::engine
