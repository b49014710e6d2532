/// Rows of the table: the file itself, run, topology, anycast, pops, origins.
#include "scenario/keys.hpp"
#include "scenario/presets.hpp"

namespace firstbyte::scenario {

namespace {
constexpr double count_max = 2'147'483'647; // scenario format, section 2: counts are at most 2^31
} // namespace

void append_world_keys(std::vector<Key>& rows) {
    const auto add = [&rows](Key row) { rows.push_back(std::move(row)); };

    add(key("$schema", Kind::Text, "schema for editors, written by `init`; not read"));
    add(need("format", Kind::Integer, "version of the scenario format").range(1, 1).like("1"));
    add(need("name", Kind::FileStem, "name of the scenario; output files are called after it").like("\"my-cdn\""));
    add(key("description", Kind::Text, "what the scenario is about, for readers"));
    add(key("tags", Kind::Text, "words to find scenarios by").list());

    add(need("run", Kind::Object, "how long and how often to simulate").like("{ \"duration\": \"60s\" }"));
    add(need("run.duration", Kind::Duration, "measured window").range(1, count_max * 1e9).like("\"60s\""));
    add(key("run.warmup", Kind::Duration, "0s", "runs before the measured window and is not counted").like("\"10s\""));
    add(key("run.seed", Kind::Seed, "1", "start of every random stream").like("42"));
    add(key("run.replications", Kind::Integer, "10", "independent runs, each with its own streams")
            .range(1, count_max));
    add(key("run.confidence", Kind::Share, "0.95", "confidence of every interval").between(0, 1));

    add(key("topology", Kind::Object, "AS graph between clients and PoPs; absent: `rtt_to` gives the paths"));
    add(key("topology.links", Kind::AsnPair, "AS links as [provider, customer]").list().like("[174, 64510]"));
    add(key("topology.peers", Kind::AsnPair, "AS links between peers").list().like("[174, 3356]"));
    add(key("topology.as_relationships", Kind::Object, "AS graph from a CAIDA file, or \"builtin:internet-2018\"")
            .or_just("file")
            .like("\"builtin:internet-2018\""));
    add(need("topology.as_relationships.file", Kind::File, "path beside the scenario, or builtin:internet-2018")
            .like("\"20180501.as-rel.txt\""));
    add(key("topology.as_relationships.kind", Kind::Choice, "caida-serial-1", "format of the file")
            .of("caida-serial-1 caida-serial-2"));
    add(key("topology.synthetic", Kind::Object, "generated AS graph: `ases`, or `tier1`, `tier2` and `stubs`")
            .like("{ \"ases\": 5000 }"));
    add(key("topology.synthetic.ases", Kind::Integer, "ASes in all, in the shares of the built-in Internet")
            .range(20, 1e6)
            .like("5000"));
    add(key("topology.synthetic.tier1", Kind::Integer, "ASes without providers, all peers of one another")
            .range(1, 1000)
            .like("8"));
    add(key("topology.synthetic.tier2", Kind::Integer, "transit ASes below tier 1").range(0, 2e5).like("60"));
    add(key("topology.synthetic.stubs", Kind::Integer, "ASes without customers").range(0, 7e5).like("400"));
    add(key("topology.synthetic.seed", Kind::Seed, "1", "seed of the generator; not the run's").like("7"));
    add(key("topology.graph", Kind::Object, "AS graph from a GraphML file").or_just("file").like("\"my.graphml\""));
    add(need("topology.graph.file", Kind::File, "path of the GraphML file beside the scenario").like("\"my.graphml\""));
    add(key("topology.propagation", Kind::Object, "{}", "delay of the cables"));
    add(key("topology.propagation.km_per_ms", Kind::Number, "200", "speed of light in fibre").range(1, 300));
    add(key("topology.propagation.path_stretch", Kind::Number, "1.4", "cable length over great circle").range(1, 100));
    add(key("topology.propagation.per_hop", Kind::Duration, "300us", "round trip per AS hand-over"));
    add(key("topology.bgp", Kind::Object, "{}", "how routes are chosen and spread"));
    add(key("topology.bgp.tie_break", Kind::Choice,
            "rule after preference and path length; absent: nearest_exit where ASes have places, else lowest_asn")
            .of("lowest_asn nearest_exit hash")
            .like("\"nearest_exit\""));
    add(key("topology.bgp.hash_seed", Kind::Seed, "1", "of the order of neighbours with tie_break hash"));
    add(key("topology.bgp.policy", Kind::Choice, "gao-rexford",
            "which routes are exported to whom; none: every route to everyone, no preference by relation")
            .of("gao-rexford none"));
    add(key("topology.bgp.leaks", Kind::Asn, "ASes that export every route to everyone (RFC 7908)")
            .list()
            .like("[64510]"));
    add(key("topology.bgp.validating", Kind::Asn, "ASes that drop routes of `invalid` PoPs (RFC 6811)")
            .list()
            .like("[174]"));
    add(key("topology.bgp.mrai", Kind::Duration, "30s",
            "minimum route advertisement interval, per session (RFC 4271 section 10)"));
    add(key("topology.bgp.mrai_jitter", Kind::Share, "0.25",
            "share by which each interval is shortened at random (RFC 4271 section 10)"));
    add(key("topology.bgp.withdraw_starts_mrai", Kind::Bool, "true",
            "whether a withdrawal, which is sent at once, starts the interval, as FRR has it"));
    add(key("topology.bgp.mrai_applies_to_withdraw", Kind::Bool, "false",
            "whether a withdrawal waits for the interval to end (RFC 4271 section 9.2.1.1)"));
    add(key("topology.bgp.processing", Kind::DurationDraw, "20ms", "time a router takes for an update"));
    add(key("topology.bgp.hold_time", Kind::Duration, "90s",
            "silence after which a neighbour is dead (RFC 4271 section 10)")
            .range(1, count_max * 1e9));
    add(key("topology.bgp.keepalive", Kind::Duration, "30s", "time between keepalives (RFC 4271 section 10)")
            .range(1, count_max * 1e9));
    add(key("topology.bgp.bfd", Kind::Object, "false",
            "fast detection of dead neighbours (RFC 5880): true or an object")
            .or_just("enabled")
            .like("true"));
    add(key("topology.bgp.bfd.enabled", Kind::Bool, "true", "whether sessions use it"));
    add(key("topology.bgp.bfd.interval", Kind::Duration, "300ms", "between packets").range(1, count_max * 1e9));
    add(key("topology.bgp.bfd.multiplier", Kind::Integer, "3", "missed packets that make a neighbour dead")
            .range(1, 255));

    add(key("anycast", Kind::Object, "{}", "the address all PoPs announce"));
    add(key("anycast.prefix", Kind::Prefix, "198.51.100.0/24", "announced prefix (RFC 5737 documentation range)"));
    add(key("anycast.asn", Kind::Asn, "64500", "AS of the CDN (RFC 5398 documentation range)"));
    add(key("anycast.on_foreign_segment", Kind::Choice, "rst",
            "what a PoP does with packets of a connection that another one has; forward: tunnels them there")
            .of("rst drop forward"));
    add(key("anycast.groups", Kind::Object, "further prefixes of some PoPs: regional anycast, more specific routes")
            .list());
    add(need("anycast.groups[].id", Kind::Id, "name of the group").like("\"eu\""));
    add(need("anycast.groups[].prefix", Kind::Prefix, "announced prefix; the longest match wins at every AS")
            .like("\"203.0.113.0/24\""));
    add(need("anycast.groups[].pops", Kind::Id, "PoPs that announce it, beside anycast.prefix")
            .list()
            .some()
            .like("[\"ams\"]"));
    add(key("anycast.groups[].regions", Kind::Id, "clients of these regions are told an address of this prefix")
            .list()
            .like("[\"eu\"]"));
    add(key("anycast.groups[].countries", Kind::Country, "clients of these countries are told an address of it")
            .list()
            .like("[\"FR\"]"));
    add(key("anycast.groups[].clients", Kind::Id, "these client groups are told an address of it")
            .list()
            .like("[\"mobile\"]"));

    add(key("anycast.peering", Kind::Object, "peer links of the CDN that public AS graphs miss; or just a profile")
            .or_just("profile")
            .like("\"open\""));
    add(key("anycast.peering.profile", Kind::Choice,
            "share of ASes in a PoP's city or country that peer: open 15 %, hyperscaler 37 % (measured in 2017)")
            .of("open hyperscaler"));
    add(key("anycast.peering.city", Kind::Share,
            "share of the ASes present in the city of a PoP; absent: the profile's")
            .like("0.15"));
    add(key("anycast.peering.country", Kind::Share,
            "share of the ASes present in the country of a PoP; absent: the profile's")
            .like("0.05"));
    add(key("anycast.peering.kinds", Kind::Choice, "kinds of AS that may peer; absent: all")
            .list()
            .some()
            .of("isp edge hosting institution")
            .like("[\"isp\", \"edge\"]"));
    add(key("anycast.peering.seed", Kind::Seed, "1", "seed of the draw of each AS; not the run's"));

    add(need("pops", Kind::Object, "points of presence").list().some().like("[ { \"id\": \"ams\" } ]"));
    add(need("pops[].id", Kind::Id, "name of the PoP").like("\"ams\""));
    add(key("pops[].at", Kind::Place, "where it stands").like("[50.11, 8.68]"));
    add(key("pops[].asn", Kind::Asn, "announces from this AS of the topology as it stands").like("64501"));
    add(key("pops[].upstreams", Kind::Upstreams, "1", "number of transit providers, or a list of their ASNs"));
    add(key("pops[].peers", Kind::Asn, "ASNs this PoP peers with").list().like("[3257]"));
    add(key("pops[].prepend", Kind::Integer, "0", "extra copies of the own ASN to everyone").range(0, 64));
    add(key("pops[].prepend_to", Kind::Integer, "extra copies of the own ASN, by neighbour").map().range(0, 64));
    add(key("pops[].only_to", Kind::Asn, "announces to these neighbours only").list());
    add(key("pops[].no_export_to", Kind::Asn, "neighbours must not pass the route on to these ASNs").list());
    add(key("pops[].no_export", Kind::Bool, "false", "NO_EXPORT: neighbours keep the route to themselves (RFC 1997)"));
    add(key("pops[].graceful_shutdown", Kind::Bool, "false",
            "GRACEFUL_SHUTDOWN: neighbours use any other route first (RFC 8326)"));
    add(key("pops[].invalid", Kind::Bool, "false",
            "no ROA covers its announcement: ASes that validate drop it (RFC 6811)"));
    add(key("pops[].prepend_via", Kind::Object, "asks neighbours, by community, to prepend towards one AS").list());
    add(key("pops[].prepend_via[].via", Kind::Asn, "the neighbour asked; absent: all").like("174"));
    add(need("pops[].prepend_via[].to", Kind::Asn, "the AS towards which it prepends").like("3356"));
    add(key("pops[].prepend_via[].extra", Kind::Integer, "1", "extra copies of the neighbour's ASN").range(1, 64));
    add(key("pops[].rtt_to", Kind::Duration, "round-trip time to other PoPs, where places do not tell")
            .map()
            .like("\"80ms\""));
    add(key("pops[].med", Kind::Integer, "0",
            "MED: among PoPs of one ASN heard by one AS the lower wins (RFC 4271 section 9.1.2.2)")
            .range(0, count_max));
    add(key("pops[].med_to", Kind::Integer, "MED by neighbour").map().range(0, count_max));
    add(key("pops[].router_id", Kind::Integer, "last step among PoPs of one ASN: the lower wins; absent: file order")
            .range(0, count_max)
            .like("1"));
    add(key("pops[].announced", Kind::Bool, "true", "whether it announces from the start; false: until an `announce`"));
    add(key("pops[].tfo_key", Kind::Id, "shared", "PoPs with the same name accept each other's cookies"));
    add(key("pops[].capacity", Kind::EventRate,
            "requests that the PoP begins a second, the others wait; absent: any number")
            .like("\"4000/s\""));
    add(later("pops[].servers", Kind::Integer, "machines behind the PoP, clients spread by a hash"));

    add(key("origins", Kind::Object, "servers behind the edge; may be absent when every request is a hit").list());
    add(need("origins[].id", Kind::Id, "name of the origin").like("\"web\""));
    add(key("origins[].at", Kind::Place, "where it stands").like("[39.04, -77.49]"));
    add(key("origins[].rtt_to", Kind::Duration, "round-trip time to each PoP").map().some().like("\"12ms\""));
    add(need("origins[].service_time", Kind::DurationDraw, "time to make a response").like("\"20ms\""));
    add(key("origins[].preset", Kind::Choice, "a known server: its idle timeout is the default of idle_timeout")
            .of(preset_names())
            .like("\"nginx\""));
    add(key("origins[].idle_timeout", Kind::Duration,
            "closes a connection idle for so long; absent: the preset's, without one 75s (nginx's default)")
            .range(1, count_max * 1e9)
            .like("\"60s\""));
    add(key("origins[].tfo", Kind::Bool, "false", "whether its listener accepts Fast Open"));
    add(key("origins[].workers", Kind::Integer, "requests served at once; absent: any number")
            .range(1, count_max)
            .like("256"));
    add(key("origins[].queue", Kind::Integer, "requests that may wait for a worker, beyond 503; absent: any number")
            .range(0, count_max)
            .like("1000"));
    add(key("origins[].accept_queue", Kind::Integer,
            "connections that wait to be accepted, listen(2); absent: tcp.edge_origin.backlog")
            .range(0, count_max)
            .like("1024"));
    add(key("origins[].worker_holds", Kind::Choice, "request",
            "what keeps a worker busy; connection: it keeps one until that closes, others wait for accept()")
            .of("request connection"));
    add(key("origins[].behind_balancer", Kind::Object, "what the edge talks to is a balancer before the servers proper")
            .like("{ \"target_idle_timeout\": \"5s\" }"));
    add(need("origins[].behind_balancer.target_idle_timeout", Kind::Duration,
             "the servers close a connection of the balancer idle for so long; a request that meets the close is a 502")
            .range(1, count_max * 1e9)
            .like("\"5s\""));
    add(key("origins[].behind_balancer.target_rtt", Kind::Duration, "1ms",
            "round trip between the balancer and the servers"));
    add(key("origins[].requests_per_connection", Kind::Integer,
            "closes a connection after so many responses, unannounced; absent: never")
            .range(1, count_max)
            .like("1000"));
    add(key("origins[].statuses", Kind::Share, "share of responses by HTTP status; the rest is 200")
            .map()
            .like("\"1%\""));
    add(key("origins[].header", Kind::Size, "300B", "the first bytes of each response: its header")
            .range(1, message_max));
    add(key("origins[].heartbeat", Kind::Object, "what the origin sends while it makes a response")
            .like("{ \"interval\": \"15s\" }"));
    add(need("origins[].heartbeat.interval", Kind::Duration, "from the start of service and between heartbeats")
            .range(1, count_max * 1e9)
            .like("\"15s\""));
    add(key("origins[].heartbeat.bytes", Kind::Size, "1B", "of each heartbeat").range(1, message_max));
    add(key("origins[].buffering", Kind::Bool, "false", "a proxy before the origin passes on complete responses only"));
    const auto loss = [&add](const std::string& name, const char* doc) {
        add(key(name, Kind::Object, doc).or_just("in_good").like("\"0.5%\""));
        add(key(name + ".in_good", Kind::Share, "0", "share lost in the good state").like("\"0.1%\""));
        add(key(name + ".in_bad", Kind::Share, "0", "share lost in the bad state").like("\"50%\""));
        add(key(name + ".good_to_bad", Kind::Share, "0", "probability of turning bad before a packet").like("\"1%\""));
        add(key(name + ".bad_to_good", Kind::Share, "1", "probability of turning good before a packet")
                .like("\"30%\""));
    };
    loss("origins[].loss", "packets lost between PoPs and the origin, each way: a share, or bursts by two states");
    loss("origins[].loss_up", "packets lost on the way to the origin, in place of `loss`");
    loss("origins[].loss_down", "packets lost on the way from the origin, in place of `loss`");
    add(key("origins[].jitter", Kind::DurationDraw, "0ms", "extra delay each way, drawn for each packet")
            .like("\"1ms\""));
    add(key("origins[].reorder", Kind::Bool, "false", "whether jitter may change the order of packets"));
    add(key("origins[].rate_up", Kind::BitRate, "unlimited", "rate from each PoP to the origin").like("\"1Gbps\""));
    add(key("origins[].rate_down", Kind::BitRate, "unlimited", "rate from the origin to each PoP").like("\"100Mbps\""));
    add(key("origins[].path_mtu", Kind::Size, "largest packet of a link in between, unknown to both ends")
            .range(128, 65'535)
            .like("\"1400B\""));
    add(key("origins[].path_mtu_up", Kind::Size, "the same on the way to the origin alone")
            .range(128, 65'535)
            .like("\"1400B\""));
    add(key("origins[].path_mtu_down", Kind::Size, "the same on the way from the origin alone")
            .range(128, 65'535)
            .like("\"1400B\""));
    add(key("origins[].icmp_filtered", Kind::Bool, "false",
            "whether \"fragmentation needed\" is lost on its way back: a PMTU hole"));
    add(key("origins[].middlebox", Kind::Object, "a stateful box at the origin's door")
            .like("{ \"flow_idle\": \"60s\", \"mode\": \"drop\" }"));
    add(need("origins[].middlebox.flow_idle", Kind::Duration, "silence of both ends after which it forgets a flow")
            .range(1, count_max * 1e9)
            .like("\"60s\""));
    add(key("origins[].middlebox.mode", Kind::Choice, "drop", "what becomes of packets of a forgotten flow")
            .of("drop rst"));
}

} // namespace firstbyte::scenario
