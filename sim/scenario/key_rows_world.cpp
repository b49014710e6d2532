/// Rows of the table: the file itself, run, topology, anycast, pops, origins.
#include "scenario/keys.hpp"

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
    add(key("topology.bgp.tie_break", Kind::Choice, "lowest_asn", "rule after preference and path length")
            .of("lowest_asn !nearest_exit !hash"));
    add(key("topology.bgp.policy", Kind::Choice, "gao-rexford", "which routes are exported to whom")
            .of("gao-rexford !none"));
    add(later("topology.bgp.mrai", Kind::Duration, "minimum route advertisement interval"));
    add(later("topology.bgp.processing", Kind::DurationDraw, "time a router needs for an update"));
    add(later("topology.bgp.mrai_jitter", Kind::Share, "share by which the interval is shortened at random"));
    add(later("topology.bgp.withdraw_starts_mrai", Kind::Bool, "whether a withdrawal starts the interval"));

    add(key("anycast", Kind::Object, "{}", "the address all PoPs announce"));
    add(key("anycast.prefix", Kind::Prefix, "198.51.100.0/24", "announced prefix (RFC 5737 documentation range)"));
    add(key("anycast.asn", Kind::Asn, "64500", "AS of the CDN (RFC 5398 documentation range)"));

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
    add(key("pops[].tfo_key", Kind::Id, "shared", "PoPs with the same name accept each other's cookies"));
    add(later("pops[].capacity", Kind::EventRate, "requests the PoP can serve"));
    add(later("pops[].servers", Kind::Integer, "machines behind the PoP, clients spread by a hash"));

    add(key("origins", Kind::Object, "servers behind the edge; may be absent when every request is a hit").list());
    add(need("origins[].id", Kind::Id, "name of the origin").like("\"web\""));
    add(key("origins[].at", Kind::Place, "where it stands").like("[39.04, -77.49]"));
    add(key("origins[].rtt_to", Kind::Duration, "round-trip time to each PoP").map().some().like("\"12ms\""));
    add(need("origins[].service_time", Kind::DurationDraw, "time to make a response").like("\"20ms\""));
    add(key("origins[].idle_timeout", Kind::Duration, "75s", "closes a connection idle for so long (nginx's default)")
            .range(1, count_max * 1e9)
            .like("\"60s\""));
    add(key("origins[].tfo", Kind::Bool, "false", "whether its listener accepts Fast Open"));
    add(later("origins[].preset", Kind::Text, "idle timeout of a known server: nginx, node, alb and others"));
    add(later("origins[].workers", Kind::Integer, "requests served at once"));
    add(later("origins[].accept_queue", Kind::Integer, "connections that wait for a worker"));
    add(later("origins[].loss", Kind::Share, "share of packets lost on the way"));
    add(later("origins[].middlebox", Kind::Object, "stateful box before the origin"));
    add(later("origins[].middlebox.flow_idle", Kind::Duration, "forgets a flow idle for so long"));
    add(later("origins[].middlebox.mode", Kind::Choice, "what it does with packets of a forgotten flow")
            .of("drop rst"));
}

} // namespace firstbyte::scenario
