/// What a path does to packets: loss (independent, Gilbert and Elliott's), jitter, order, queues.
#include "net/impairment.hpp"
#include "net/network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::net;
using namespace std::chrono_literals;

namespace {

struct Arrival {
    std::uint32_t number = 0; ///< of the packet, as sent
    Duration sent{}, took{};
};

/// One path between nobody and nobody: packets of 1500 B enter it at given times.
struct Bench {
    explicit Bench(const LinkSpec& spec, std::uint32_t draws = 0) : link(spec) {
        path.link = &link;
        path.delay = 50ms;
        path.draws = draws;
    }

    /// @return the packets that arrive, in order
    std::vector<Arrival> send(const std::vector<Duration>& times) {
        std::vector<Arrival> arrivals;
        for (const Duration at : times)
            engine.schedule(engine::make_event(Instant{at}, engine::EventClass::Other, 0, 0));
        std::uint32_t next = 0;
        const auto dispatch = [&](const engine::Event& event) -> engine::Event {
            if (class_of(event) == engine::EventClass::Other) {
                tcp::Segment segment;
                segment.seq = next++;
                segment.length = 1448;
                REQUIRE(wire_size(segment).count == 1500);
                results.push_back(network.send(path, segment));
                return engine::no_event;
            }
            REQUIRE(network.due(path));
            const std::uint32_t number = network.arrived(path).seq;
            arrivals.push_back({number, times[number], engine.now() - Instant{times[number]}});
            return network.receive(path);
        };
        engine.run(never - Duration{1}, dispatch, [] { return false; });
        CHECK(path.idle());
        return arrivals;
    }

    LinkSpec link;
    engine::Engine engine;
    Network network{engine, Draws{7, 0}};
    Path path;
    std::vector<Network::Sent> results;
};

std::vector<Duration> every(Duration gap, std::size_t count) {
    std::vector<Duration> times;
    for (std::size_t n = 0; n < count; ++n) times.push_back(gap * static_cast<std::int64_t>(n));
    return times;
}

LinkSpec lossy(const Loss& loss) {
    LinkSpec link;
    link.loss = loss;
    link.impaired = true;
    return link;
}

LinkSpec jittery(bool reorder) {
    LinkSpec link;
    link.jitter = {Distribution::Kind::Uniform, 0, 20e6, 0, {}, {}};
    link.impaired = true;
    link.reorder = reorder;
    return link;
}

/// Which of `count` packets are lost.
std::vector<bool> losses(const Loss& loss, std::size_t count) {
    std::vector<bool> lost(count, true);
    for (const Arrival& arrival : Bench(lossy(loss)).send(every(1us, count))) lost[arrival.number] = false;
    return lost;
}

double share(const std::vector<bool>& lost) {
    return static_cast<double>(std::count(lost.begin(), lost.end(), true)) / static_cast<double>(lost.size());
}

bool in_order(const std::vector<Arrival>& arrivals) {
    return std::is_sorted(arrivals.begin(), arrivals.end(),
                          [](const Arrival& a, const Arrival& b) { return a.number < b.number; });
}

} // namespace

TEST_CASE("path: without impairments every packet takes the delay, and no random number is looked up") {
    Bench bench{LinkSpec{}};
    const std::vector<Arrival> arrivals = bench.send(every(1ms, 100));
    REQUIRE(arrivals.size() == 100);
    for (const Arrival& arrival : arrivals) CHECK(arrival.took == 50ms);
    CHECK(bench.path.ordinal == 0);
}

TEST_CASE("path: independent loss takes its share, each packet for itself") {
    for (const double p : {0.001, 0.02, 0.3}) {
        CAPTURE(p);
        constexpr std::size_t count = 200'000;
        const std::vector<bool> lost = losses({p, 0, 0, 1}, count);
        // Five standard deviations of the binomial distribution.
        CHECK(std::abs(share(lost) - p) < 5 * std::sqrt(p * (1 - p) / count));
        std::size_t pairs = 0;
        for (std::size_t n = 1; n < count; ++n) pairs += lost[n - 1] && lost[n] ? 1u : 0u;
        CHECK(std::abs(static_cast<double>(pairs) / count - p * p) < 5 * std::sqrt(p * p / count));
    }
    const std::vector<bool> none = losses({0, 0, 0, 1}, 1000), all = losses({1, 0, 0, 1}, 1000);
    CHECK(share(none) == 0);
    CHECK(share(all) == 1);
}

TEST_CASE("path: bursts have the length and the frequency of Gilbert and Elliott's chain") {
    constexpr std::size_t count = 400'000;
    struct Row {
        const char* name;
        Loss loss;
    };
    const Row rows[] = {{"Gilbert: everything is lost in the bad state", {0, 1, 0.01, 0.25}},
                        {"rare and long", {0, 1, 0.001, 0.05}},
                        {"Elliott: some is lost in both states", {0.005, 0.4, 0.02, 0.1}},
                        {"one packet at a time", {0, 1, 0.05, 1}}};
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        const Loss& loss = row.loss;
        const std::vector<bool> lost = losses(loss, count);
        // Closed form: the chain is bad for a share g/(g+b) of packets; a loss is followed by another one with the
        // probability that the state, seen at a loss, makes one step and loses again.
        const double bad = loss.good_to_bad / (loss.good_to_bad + loss.bad_to_good);
        const double p = (1 - bad) * loss.in_good + bad * loss.in_bad;
        CHECK(mean_loss(loss) == doctest::Approx(p));
        const double bad_at_loss = bad * loss.in_bad / p;
        const double then_bad = bad_at_loss * (1 - loss.bad_to_good) + (1 - bad_at_loss) * loss.good_to_bad;
        const double again = then_bad * loss.in_bad + (1 - then_bad) * loss.in_good;
        std::size_t bursts = 0;
        for (std::size_t n = 0; n < count; ++n) bursts += lost[n] && (n == 0 || !lost[n - 1]) ? 1u : 0u;
        const double total = share(lost) * count;
        // Losses come in clumps of about 1/bad_to_good packets, which is by how much their number varies more.
        const double clump = 2 / loss.bad_to_good;
        CHECK(std::abs(share(lost) - p) < 5 * std::sqrt(p * clump / count));
        const double mean_burst = total / static_cast<double>(bursts);
        CHECK(mean_burst == doctest::Approx(1 / (1 - again)).epsilon(5 / std::sqrt(static_cast<double>(bursts))));
    }
}

TEST_CASE("path: losses are named by path and packet, not by time") {
    const Loss loss{0.1, 0, 0, 1};
    const auto numbers = [&](Duration gap, std::uint32_t draws, std::uint64_t first) {
        Bench bench(lossy(loss), draws);
        bench.path.ordinal = first;
        std::vector<std::uint32_t> arrived;
        for (const Arrival& arrival : bench.send(every(gap, 200))) arrived.push_back(arrival.number);
        return arrived;
    };
    CHECK(numbers(1us, 0, 0) == numbers(3ms, 0, 0));
    CHECK(numbers(1us, 0, 0) != numbers(1us, 1, 0));
    CHECK(numbers(1us, 0, 0) != numbers(1us, 0, std::uint64_t{1} << 32));
}

TEST_CASE("path: jitter without reordering delays packets and keeps their order") {
    const std::vector<Arrival> arrivals = Bench(jittery(false)).send(every(1ms, 5000));
    REQUIRE(arrivals.size() == 5000);
    CHECK(in_order(arrivals));
    Duration least = 1h, most{};
    for (const Arrival& arrival : arrivals) {
        least = std::min(least, arrival.took);
        most = std::max(most, arrival.took);
    }
    CHECK(least >= 50ms);
    CHECK(most <= 70ms); // waiting for the packet ahead takes no longer than that one's jitter
    CHECK(most > 69ms);
    // Packets far apart do not wait for one another: the mean is that of the distribution, 10 ms.
    double sum = 0;
    const std::vector<Arrival> apart = Bench(jittery(false)).send(every(100ms, 5000));
    for (const Arrival& arrival : apart) sum += to_ms(arrival.took - 50ms);
    CHECK(sum / 5000 == doctest::Approx(10).epsilon(0.05));
}

TEST_CASE("path: with reordering a packet overtakes others, each after its own jitter, and none is lost or doubled") {
    const std::vector<Duration> times = every(1ms, 5000);
    const std::vector<Arrival> arrivals = Bench(jittery(true)).send(times);
    REQUIRE(arrivals.size() == 5000);
    CHECK_FALSE(in_order(arrivals));
    std::vector<bool> seen(5000, false);
    Duration last{};
    for (const Arrival& arrival : arrivals) {
        CHECK_FALSE(seen[arrival.number]);
        seen[arrival.number] = true;
        CHECK(arrival.took >= 50ms);
        CHECK(arrival.took <= 70ms);
        CHECK(arrival.sent + arrival.took >= last); // they come in the order of their times
        last = arrival.sent + arrival.took;
    }
    // Packet and jitter belong together: without reordering a packet comes when the latest up to it has come.
    std::vector<Duration> own(5000);
    for (const Arrival& arrival : arrivals) own[arrival.number] = arrival.sent + arrival.took;
    Duration latest{};
    for (const Arrival& arrival : Bench(jittery(false)).send(times)) {
        latest = std::max(latest, own[arrival.number]);
        CHECK(arrival.sent + arrival.took == latest);
    }
}

TEST_CASE("path: a queue drops the same packets whatever happens behind it") {
    // 1500 B take 12 ms at 1 Mbit/s. Bursts of ten packets, of which four find a place: in packets, three wait behind
    // the one that is being sent.
    std::vector<Duration> times;
    for (int burst = 0; burst < 50; ++burst)
        for (int n = 0; n < 10; ++n) times.push_back(burst * 80ms);
    for (const bool bytes : {false, true}) {
        CAPTURE(bytes);
        std::vector<std::vector<std::uint32_t>> arrived;
        for (const int kind : {0, 1, 2}) {
            LinkSpec link = kind == 0 ? LinkSpec{} : jittery(kind == 2);
            link.rate = {1'000'000};
            (bytes ? link.queue_bytes : link.queue_packets) = bytes ? 6000 : 3;
            std::vector<std::uint32_t> numbers;
            for (const Arrival& arrival : Bench(link).send(times)) numbers.push_back(arrival.number);
            std::sort(numbers.begin(), numbers.end());
            arrived.push_back(numbers);
        }
        CHECK(arrived[0].size() == 200); // four of each burst: 48 ms of 80
        CHECK(arrived[1] == arrived[0]);
        CHECK(arrived[2] == arrived[0]);
    }
}

TEST_CASE("path: a packet larger than the path's MTU does not pass, and its sender is told unless that is filtered") {
    for (const bool filtered : {false, true}) {
        CAPTURE(filtered);
        LinkSpec link;
        link.path_mtu = 1499;
        link.icmp_filtered = filtered;
        link.impaired = true;
        Bench narrow(link);
        CHECK(narrow.send({0ms}).empty());
        CHECK(narrow.results.at(0) == (filtered ? Network::Sent::Lost : Network::Sent::TooBig));
        link.path_mtu = 1500;
        CHECK(Bench(link).send({0ms}).size() == 1);
    }
}

TEST_CASE("path: the news of a packet that was too large comes back after the time of one way, in its turn") {
    LinkSpec narrow;
    narrow.path_mtu = 1400;
    narrow.impaired = true;
    engine::Engine engine;
    Network network{engine};
    Path path, back;
    const LinkSpec plain;
    path.link = &narrow;
    path.delay = 30ms;
    back.link = &plain;
    back.delay = 20ms;
    tcp::Segment large;
    large.length = 1448;
    large.from = {5, 1};
    REQUIRE(network.send(path, large) == Network::Sent::TooBig);
    network.return_too_big(path, back, large);
    REQUIRE_FALSE(back.idle());
    std::vector<Duration> at;
    engine.run(
        Instant{1s},
        [&](const engine::Event&) {
            const tcp::Segment& message = network.arrived(back);
            CHECK(message.too_big_mtu == 1400);
            CHECK(message.to == large.from);
            at.push_back(engine.now() - Instant{});
            return network.receive(back);
        },
        [] { return false; });
    CHECK(at == std::vector<Duration>{30ms});
}
