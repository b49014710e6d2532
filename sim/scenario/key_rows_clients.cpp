/// Rows of the table: clients, their scripts and path rules, and the workload.
#include "scenario/keys.hpp"

namespace firstbyte::scenario {

namespace {
constexpr double count_max = 2'147'483'647; // scenario format, section 2: counts are at most 2^31

void append_script_keys(std::vector<Key>& rows) {
    const auto add = [&rows](Key row) { rows.push_back(std::move(row)); };
    const std::string entry = "clients[].script[].", step = entry + "steps[].", rule = "clients[].path_rules[].";

    add(key("clients[].script", Kind::Object, "exact connections in place of `sessions`").list().some());
    add(key(entry + "at", Kind::Duration, "starts at this time").like("\"0s\""));
    add(key(entry + "after", Kind::Duration, "starts that long after the entry before it has ended").like("\"100ms\""));
    add(key(entry + "with", Kind::Integer, "starts together with the entry of this index").range(0, count_max));
    add(key(entry + "plus", Kind::Duration, "that long after the entry named by `with` has started").like("\"50ms\""));
    add(need(entry + "steps", Kind::Object, "what the connection does")
            .list()
            .some()
            .like("[ { \"request\": \"400B\", \"response\": \"500B\" } ]"));
    add(key(entry + "hold", Kind::Duration, "0s", "keeps the connection open that long after the last step")
            .like("\"10s\""));
    add(later(entry + "read_deadline", Kind::Duration, "the client gives up waiting for data"));
    add(later(entry + "listener", Kind::Id, "which of tcp.client_edge.listeners it connects to"));
    add(later(entry + "tcp", Kind::Object, "settings of this connection"));
    add(later(entry + "tcp.fast_open", Kind::Choice, "Fast Open of this connection").of("off on cookieless"));
    add(later(entry + "tcp.congestion", Kind::Text, "congestion control of this connection"));
    add(later(entry + "tcp.keepalive", Kind::Anything, "TCP keepalive of this connection"));
    add(later(entry + "tcp.user_timeout", Kind::Duration, "TCP_USER_TIMEOUT of this connection"));
    add(later(entry + "tcp.syn_retries", Kind::Integer, "SYN retries of this connection"));

    add(key(step + "request", Kind::Size, "bytes the client sends").range(1, message_max).like("\"400B\""));
    add(key(step + "response", Kind::Size, "bytes the server answers").range(1, message_max).like("\"500B\""));
    add(key(step + "expect", Kind::Size, "bytes the client waits for, if not `response`")
            .range(1, message_max)
            .like("\"500B\""));
    add(key(step + "think", Kind::Duration, "0s", "time at the server before the answer").like("\"300ms\""));
    add(key(step + "then", Kind::Choice, "keep", "what the server does after responding").of("keep close reset"));
    add(key(step + "respond", Kind::Choice, "\"none\": the server does `then` instead of responding").of("none"));
    add(key(step + "idle", Kind::Duration, "the connection rests").like("\"3s\""));
    add(later(step + "half_close", Kind::Bool, "the client sends FIN after its request"));
    add(later(step + "abort", Kind::Bool, "the client sends RST"));
    add(later(step + "unread", Kind::Duration, "the client leaves data unread for so long"));

    add(key("clients[].path_rules", Kind::Object, "what happens to chosen packets of the client's path").list());
    add(key(rule + "dir", Kind::Choice, "both", "direction: up is client to PoP").of("up down both"));
    add(key(rule + "match", Kind::Choice, "any", "which packets")
            .of("any syn synack syn_data tfo data pure_ack fin no_syn"));
    add(key(rule + "nth", Kind::CountPair, "[from, to]: counts matching packets of that direction from 1")
            .like("[1, 1]"));
    add(key(rule + "between", Kind::DurationPair, "[from, to]: counts and acts only then").like("[\"1s\", \"6.5s\"]"));
    add(key(rule + "connections", Kind::Integer, "indices of the script entries concerned").list().range(0, count_max));
    add(need(rule + "do", Kind::Choice, "what to do with them")
            .of("drop strip_tfo strip_data corrupt_cookie")
            .like("\"drop\""));
}
} // namespace

void append_client_keys(std::vector<Key>& rows) {
    const auto add = [&rows](Key row) { rows.push_back(std::move(row)); };

    add(need("clients", Kind::Object, "groups of clients")
            .list()
            .some()
            .like("[ { \"id\": \"users\", \"rtt_to\": { \"ams\": \"80ms\" }, \"population\": 200, \"sessions\": "
                  "\"20/s\" } ]"));
    add(need("clients[].id", Kind::Id, "name of the group").like("\"mobile\""));
    add(key("clients[].region", Kind::Id, "label for metrics and groups").like("\"eu\""));
    add(key("clients[].country", Kind::Country, "ISO 3166 code; from `at` when absent").like("\"FR\""));
    add(key("clients[].at", Kind::Place, "where the group is").like("[48.85, 2.35]"));
    add(key("clients[].asn", Kind::Asn, "AS of the group; absent: the nearest stub of the topology").like("64510"));
    add(key("clients[].rtt_to", Kind::Duration, "round-trip time by PoP; the least wins")
            .map()
            .some()
            .like("\"80ms\""));
    add(key("clients[].population", Kind::Integer, "1", "clients in the group").range(0, count_max).like("200"));
    add(key("clients[].sessions", Kind::EventRate, "sessions begun by the whole group").like("\"20/s\""));
    add(later("clients[].weight", Kind::Number, "share of the world's sessions"));
    add(later("clients[].deadline", Kind::Duration, "the client gives up: 499"));
    add(later("clients[].world", Kind::Object, "one group per country or AS of the world"));
    add(later("clients[].world.users", Kind::Anything, "where the numbers of users come from"));
    add(later("clients[].world.per", Kind::Choice, "what a group is").of("country as"));
    add(later("clients[].world.sessions", Kind::EventRate, "sessions begun by all groups together"));
    append_script_keys(rows);

    add(key("clients[].access", Kind::Object, "{}", "the last mile"));
    add(key("clients[].access.delay", Kind::DurationDraw, "0ms", "round trip, drawn once per client").like("\"25ms\""));
    add(key("clients[].access.down", Kind::BitRate, "unlimited", "rate towards the client").like("\"20Mbps\""));
    add(key("clients[].access.up", Kind::BitRate, "unlimited", "rate from the client").like("\"5Mbps\""));
    add(key("clients[].access.queue", Kind::Queue, "drop-tail limit; absent: unlimited").like("\"1000 packets\""));
    add(later("clients[].access.jitter", Kind::DurationDraw, "extra delay drawn per packet"));
    add(later("clients[].access.loss", Kind::Share, "share of packets lost"));
    add(later("clients[].access.mtu", Kind::Size, "largest packet"));
    add(later("clients[].access.reorder", Kind::Bool, "whether jitter may reorder"));
    add(key("clients[].tfo", Kind::Object, "{}", "Fast Open as the group's stacks and networks have it"));
    add(key("clients[].tfo.support", Kind::Share, "1", "share of clients whose stack uses Fast Open").like("\"85%\""));
    add(key("clients[].tfo.cookie", Kind::Choice, "\"held\": every client starts with the server's cookie").of("held"));
    add(later("clients[].tfo.option_stripped", Kind::Share, "share of clients behind a box that strips the option"));
    add(later("clients[].tfo.syn_data_dropped", Kind::Share,
              "share of clients behind a box that drops a SYN with data"));
    add(later("clients[].tfo.blackholed", Kind::Share, "share of clients that lose everything after a Fast Open"));
    add(later("clients[].tfo.public_ips", Kind::Integer, "addresses a client appears with (CGNAT)"));

    add(key("workload", Kind::Object, "{}", "what a session does"));
    add(key("workload.requests_per_session", Kind::CountDraw, "1", "requests on one connection")
            .range(1, count_max)
            .like("{ \"dist\": \"geometric\", \"mean\": 4 }"));
    add(key("workload.think_time", Kind::DurationDraw, "1s", "from a response to the next request").like("\"8s\""));
    add(key("workload.protocol", Kind::Choice, "h1", "HTTP version").of("h1 !h2 !h3"));
    add(later("workload.reuse_between_sessions", Kind::Bool, "whether a session may use an idle connection"));
    add(key("workload.objects", Kind::Object, "[{\"id\": \"default\"}]", "what is asked for").list().some());
    add(need("workload.objects[].id", Kind::Id, "name of the object").like("\"page\""));
    add(key("workload.objects[].weight", Kind::Number, "1", "how often, relative to the others").like("3"));
    add(key("workload.objects[].method", Kind::Choice, "GET", "HTTP method (RFC 9110 section 9)")
            .of("GET HEAD POST PUT DELETE OPTIONS PATCH"));
    add(key("workload.objects[].request", Kind::SizeDraw, "500B", "bytes of the request").range(1, message_max));
    add(key("workload.objects[].response", Kind::SizeDraw, "10KB", "bytes of the response").range(1, message_max));
    add(key("workload.objects[].cache_hit_ratio", Kind::Share,
            "share answered by the edge; absent: edge.cache_hit_ratio")
            .like("0.2"));
}

} // namespace firstbyte::scenario
