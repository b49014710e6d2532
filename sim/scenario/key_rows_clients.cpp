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
    add(key(entry + "read_deadline", Kind::Duration,
            "the client gives up waiting when no data came for so long (EAGAIN), and closes")
            .range(1, 1e18)
            .like("\"1500ms\""));
    add(key(entry + "listener", Kind::Id, "which of tcp.client_edge.listeners it connects to; absent: the leg's own")
            .like("\"slow\""));
    add(key(entry + "tcp", Kind::Object, "settings of this connection where they differ from the leg's"));
    add(key(entry + "tcp.fast_open", Kind::Choice,
            "how the client uses Fast Open; connect (TCP_FASTOPEN_CONNECT) connects plainly where on fails; absent: as "
            "the leg")
            .of("off on connect cookieless"));
    add(key(entry + "tcp.congestion", Kind::Choice, "congestion control of both ends").of("reno cubic"));
    add(key(entry + "tcp.keepalive", Kind::Object, "the client's TCP probes, or false").or_just("enabled"));
    add(key(entry + "tcp.keepalive.enabled", Kind::Bool, "true", "whether probes are sent"));
    add(key(entry + "tcp.keepalive.idle", Kind::Duration, "7200s", "silence before the first probe").range(1, 1e18));
    add(key(entry + "tcp.keepalive.interval", Kind::Duration, "75s", "time between probes").range(1, 1e18));
    add(key(entry + "tcp.keepalive.probes", Kind::Integer, "9", "unanswered probes that end the connection")
            .range(1, 127));
    add(key(entry + "tcp.user_timeout", Kind::Duration, "the client's TCP_USER_TIMEOUT; 0s: off").like("\"3s\""));
    add(key(entry + "tcp.syn_retries", Kind::Integer, "the client's TCP_SYNCNT").range(0, 127).like("1"));
    add(key(entry + "tcp.receive_buffer", Kind::Size, "the client's SO_RCVBUF").range(1, message_max).like("\"64KB\""));

    add(key(step + "request", Kind::Size, "bytes the client sends").range(1, message_max).like("\"400B\""));
    add(key(step + "sends", Kind::Size, "bytes of its request that the client sends, and then nothing more: 408")
            .range(1, message_max)
            .like("\"100B\""));
    add(key(step + "response", Kind::Size, "bytes the server answers").range(1, message_max).like("\"500B\""));
    add(key(step + "expect", Kind::Size, "bytes the client waits for, if not `response`")
            .range(1, message_max)
            .like("\"500B\""));
    add(key(step + "think", Kind::Duration, "0s", "time at the server before the answer").like("\"300ms\""));
    add(key(step + "then", Kind::Choice, "keep", "what the server does after responding").of("keep close reset"));
    add(key(step + "respond", Kind::Choice,
            "none: the server does `then` instead of responding; never: it does nothing")
            .of("none never"));
    add(key(step + "idle", Kind::Duration, "the connection rests").like("\"3s\""));
    add(key(step + "half_close", Kind::Bool, "the client sends FIN, behind its request if there is one, and reads on"));
    add(key(step + "abort", Kind::Bool, "the client sends RST: the end of the connection"));
    add(key(step + "unread", Kind::Duration, "the client leaves data unread for so long").like("\"2s\""));

    add(key("clients[].path_rules", Kind::Object, "what happens to chosen packets of the client's path").list());
    add(key(rule + "dir", Kind::Choice, "both", "direction: up is client to PoP").of("up down both"));
    add(key(rule + "match", Kind::Choice, "any", "which packets")
            .of("any syn synack syn_data tfo data pure_ack fin no_syn"));
    add(key(rule + "nth", Kind::CountPair, "[from, to]: counts matching packets of that direction from 1")
            .like("[1, 1]"));
    add(key(rule + "between", Kind::DurationPair, "[from, to]: counts and acts only then").like("[\"1s\", \"6.5s\"]"));
    add(key(rule + "connections", Kind::Integer, "indices of the script entries concerned").list().range(0, count_max));
    add(need(rule + "do", Kind::Choice, "what to do with them")
            .of("drop strip_tfo strip_data corrupt_cookie duplicate")
            .like("\"drop\""));
    add(key(rule + "delay", Kind::Duration,
            "how long after the packet itself its copy arrives, with `do` duplicate; absent: 0s")
            .like("\"5s\""));
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
    add(key("clients[].deadline", Kind::Duration, "the client gives up a request after that: 499; absent: never")
            .range(1, 1e18)
            .like("\"30s\""));
    add(key("clients[].world", Kind::Object, "the Internet users of the topology: one group per country or AS")
            .like("{ \"sessions\": \"200/s\" }"));
    add(key("clients[].world.users", Kind::File, "builtin",
            "users of each AS: the topology's estimates, or a CSV file with asn, users and perhaps cc"));
    add(key("clients[].world.per", Kind::Choice, "country", "what a group is: a country in its largest AS, or an AS")
            .of("country as"));
    add(key("clients[].world.top", Kind::Integer,
            "`per` as: ASes with a group of their own; users of others join the largest of their country [1000]")
            .range(1, 1e6)
            .like("1000"));
    add(key("clients[].world.sessions", Kind::EventRate, "sessions begun by all groups together, shared by users")
            .like("\"200/s\""));
    add(key("clients[].retry_on_reset", Kind::Integer, "1",
            "repetitions of an idempotent request whose reused connection was reset, as browsers do")
            .range(0, 10));
    append_script_keys(rows);

    add(key("clients[].access", Kind::Object, "{}", "the last mile"));
    add(key("clients[].access.delay", Kind::DurationDraw, "0ms", "round trip, drawn once per client").like("\"25ms\""));
    add(key("clients[].access.down", Kind::BitRate, "unlimited", "rate towards the client").like("\"20Mbps\""));
    add(key("clients[].access.up", Kind::BitRate, "unlimited", "rate from the client").like("\"5Mbps\""));
    add(key("clients[].access.queue", Kind::Queue,
            "drop-tail limit: bytes with the packet being sent, or packets behind it; absent: unlimited")
            .like("\"1000 packets\""));
    add(key("clients[].access.jitter", Kind::DurationDraw, "0ms", "extra delay, drawn for each packet")
            .like("\"5ms\""));
    add(key("clients[].access.reorder", Kind::Bool, "false", "whether jitter may change the order of packets"));
    add(key("clients[].access.loss", Kind::Object, "packets lost in each direction: a share, or bursts by two states")
            .or_just("in_good")
            .like("\"0.5%\""));
    add(key("clients[].access.loss.in_good", Kind::Share, "0", "share lost in the good state").like("\"0.1%\""));
    add(key("clients[].access.loss.in_bad", Kind::Share, "0", "share lost in the bad state").like("\"50%\""));
    add(key("clients[].access.loss.good_to_bad", Kind::Share, "0", "probability of turning bad before a packet")
            .like("\"1%\""));
    add(key("clients[].access.loss.bad_to_good", Kind::Share, "1", "probability of turning good before a packet")
            .like("\"30%\""));
    const auto one_way = [&add](const std::string& name, const char* doc) {
        add(key(name, Kind::Object, doc).or_just("in_good").like("\"0.5%\""));
        add(key(name + ".in_good", Kind::Share, "0", "share lost in the good state").like("\"0.1%\""));
        add(key(name + ".in_bad", Kind::Share, "0", "share lost in the bad state").like("\"50%\""));
        add(key(name + ".good_to_bad", Kind::Share, "0", "probability of turning bad before a packet").like("\"1%\""));
        add(key(name + ".bad_to_good", Kind::Share, "1", "probability of turning good before a packet")
                .like("\"30%\""));
    };
    one_way("clients[].access.loss_up", "packets lost on the way to the PoP, in place of `loss`");
    one_way("clients[].access.loss_down", "packets lost on the way to the client, in place of `loss`");
    add(key("clients[].access.mtu", Kind::Size, "1500B", "largest packet of the client's interface, known to it")
            .range(128, 65'535)); // Linux: room for TCP_MIN_MSS 88 and headers; IPv4's largest packet
    add(key("clients[].access.path_mtu", Kind::Size, "largest packet of a link in between, unknown to both ends")
            .range(128, 65'535)
            .like("\"1400B\""));
    add(key("clients[].access.icmp_filtered", Kind::Bool, "false",
            "whether \"fragmentation needed\" is lost on its way back: a PMTU hole"));
    add(key("clients[].tfo", Kind::Object, "{}", "Fast Open as the group's stacks and networks have it"));
    add(key("clients[].tfo.support", Kind::Share, "1", "share of clients whose stack uses Fast Open").like("\"85%\""));
    add(key("clients[].tfo.cookie", Kind::Choice, "\"held\": every client starts with the server's cookie").of("held"));
    const auto boxed = [&add](const char* name, const char* doc) {
        add(key(std::string{"clients[].tfo."} + name, Kind::Share, "0",
                std::string{"share of clients behind a box that "} + doc)
                .like("\"5%\""));
    };
    boxed("option_stripped", "takes the option out of SYN and SYN-ACK and leaves the data");
    boxed("data_stripped", "takes the data out of the SYN and leaves the option");
    boxed("syn_data_dropped", "drops a SYN with data");
    boxed("option_dropped", "drops a SYN with the option");
    boxed("blackholed", "lets nothing pass after a SYN with data was answered");
    add(key("clients[].tfo.public_ips", Kind::Integer, "1",
            "addresses a client appears with, one drawn per connection (CGNAT)")
            .range(1, 65'536));
    add(key(
        "clients[].tfo.race", Kind::Bool, "false",
        "dials a plain connection beside each with Fast Open and sends the request on both: the first response wins"));

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
    add(key("workload.objects[].items", Kind::Integer, "1", "distinct things of this kind, for caches")
            .range(1, 1e8)
            .like("10000"));
    add(key("workload.objects[].zipf", Kind::Number, "0", "popularity: the k-th item is asked for as often as k^-zipf")
            .range(0, 10)
            .like("0.8"));
    add(key("workload.objects[].cache_hit_ratio", Kind::Share,
            "share answered by the edge; absent: edge.cache_hit_ratio")
            .like("0.2"));
}

} // namespace firstbyte::scenario
