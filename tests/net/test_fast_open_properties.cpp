// What must hold of Fast Open's counters whatever happens on the way (semantics of Linux's counters, RFC 7413).
#include "two_hosts.hpp"

#include "core/random.hpp"

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t connections = 400;

/// What a connection's packets say of its SYN's data.
struct Seen {
    bool sent_data = false;   ///< the first SYN had payload
    bool answered = false;    ///< a SYN-ACK reached the client
    bool acknowledged = true; ///< ... and covered all of the payload
};

Seen seen(const TraceConnection& trace) {
    Seen seen;
    const TracePacket& syn = trace.packets.front();
    seen.sent_data = syn.length != 0;
    for (const TracePacket& p : trace.packets) {
        if (p.up || (p.flags & tcp::flag::syn) == 0 || p.act == TracePacket::Act::Drop || seen.answered) continue;
        seen.answered = true;
        seen.acknowledged = p.ack == 1 + syn.length;
    }
    return seen;
}

/// A rule for one connection: what happens to its first SYN, or to its first SYN-ACK.
PathRule rule_for(std::uint32_t connection, std::uint64_t choice) {
    PathRule rule;
    rule.connections = {connection};
    rule.nth = {1, 1};
    rule.dir = PathRule::Dir::Up;
    rule.match = PathRule::Match::Syn;
    switch (choice) {
    case 0: rule.action = PathRule::Action::Drop; break;
    case 1: rule.action = PathRule::Action::StripTfo; break;
    case 2: rule.action = PathRule::Action::StripData; break;
    case 3: rule.action = PathRule::Action::CorruptCookie; break;
    default:
        rule.dir = PathRule::Dir::Down;
        rule.match = PathRule::Match::SynAck;
        rule.action = choice == 4 ? PathRule::Action::Drop : PathRule::Action::StripTfo;
    }
    return rule;
}

} // namespace

TEST_CASE("fast open counters: Active + ActiveFail = SYNs with data that got a SYN-ACK; Passive >= Active") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        const Draws draws(seed, 0);
        const auto choice = [&](std::uint32_t what, std::uint64_t n, std::uint64_t bound) {
            return draws.below(bound, Stream::Object, what, n);
        };
        std::vector<PathRule> rules;
        for (std::uint32_t n = 0; n < connections; ++n)
            if (const std::uint64_t c = choice(0, n, 9); c < 6)
                rules.push_back(rule_for(n, c)); // a third passes untouched
        tcp::Settings server = fast_open_end();
        server.pending_limit = 3;
        TwoHosts hosts(50ms, fast_open_end(), server, rules);
        hosts.response = 3000;
        for (std::uint32_t n = 0; n < connections; ++n)
            hosts.at(n * 20ms, [&, n] {
                const std::uint64_t c = choice(1, n, 20);
                if (c == 0) hosts.server.listener.key.rotate({n, seed}, choice(2, n, 2) == 0);
                hosts.server_end.fast_open = c != 1;
                hosts.open(n, c != 2);
            });
        hosts.run(60s);

        FastOpenCounters client, at_server;
        std::uint64_t with_data = 0, taken = 0;
        for (std::uint32_t n = 0; n < connections; ++n) {
            CAPTURE(n);
            const TraceConnection& trace = hosts.trace(n);
            const Seen what = seen(trace);
            CHECK(hosts.events_of(n) == std::vector<std::string>{"connected", "complete"});
            const bool active = what.sent_data && what.answered && what.acknowledged;
            const bool failed = what.sent_data && what.answered && !what.acknowledged;
            CHECK(trace.counters_client.active == (active ? 1 : 0));
            CHECK(trace.counters_client.active_fail == (failed ? 1 : 0));
            with_data += what.sent_data ? 1 : 0;
            taken += active ? 1 : 0;
            client.merge(trace.counters_client);
            at_server.merge(trace.counters_server);
        }
        CHECK(client.active + client.active_fail == with_data);
        CHECK(at_server.passive >= client.active);
        CHECK(client == hosts.client.counters); // the connections' counters add up to the hosts'
        CHECK(at_server == hosts.server.counters);
        // The disturbances are there, and so are the successes.
        CHECK(taken > connections / 10);
        CHECK(client.active_fail > connections / 10);
        CHECK(at_server.passive_fail > 0);
        CHECK(at_server.listen_overflow > 0);
        CHECK(hosts.server.queue().fast_open.pending() == 0);
        CHECK(hosts.server.queue().half_open() == 0);
    }
}

TEST_CASE("fast open counters: shared key, stable addresses, nothing in between: no attempt fails") {
    TwoHosts hosts(50ms, fast_open_end(), fast_open_end());
    for (std::uint32_t n = 0; n < connections; ++n) hosts.at(n * 20ms, [&, n] { hosts.open(n); });
    hosts.run(20s);
    CHECK(hosts.client.counters.active_fail == 0);
    CHECK(hosts.client.counters.active == hosts.server.counters.passive);
    // The connections before the first cookie has come ask for one: a round trip is 50 ms, starts are 20 ms apart.
    CHECK(hosts.server.counters.cookie_requested == 3);
    CHECK(hosts.client.counters.active == connections - 3);
}
