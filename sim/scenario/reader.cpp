#include "scenario/reader.hpp"

#include "scenario/object_values.hpp"
#include "scenario/profiles.hpp"
#include "scenario/reader_tcp.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace firstbyte::scenario {

namespace {

std::vector<std::pair<AsNumber, AsNumber>> asn_pairs(const Node& list) {
    std::vector<std::pair<AsNumber, AsNumber>> pairs;
    for (const Node& pair : list.elements) {
        if (!pair.faulty) pairs.emplace_back(as_asn(pair.elements[0]), as_asn(pair.elements[1]));
    }
    return pairs;
}

void read_run(const Values& from, RunSettings& run) {
    from.read("duration", run.duration);
    from.read("warmup", run.warmup);
    if (const Node* seed = from.get("seed")) {
        run.seed = as_seed(*seed);
        run.seed_given = seed->from != Node::From::Default;
    }
    from.read("replications", run.replications);
    from.read_share("confidence", run.confidence);
}

void read_as_relationships(Faults& faults, const Values& from, const std::string& scenario_file, Topology& topology) {
    const Node* file = from.get("file");
    if (file == nullptr) return;
    topology.kind = Topology::Kind::AsRelationships;
    constexpr std::string_view builtin = "builtin:";
    if (file->text.rfind(builtin, 0) == 0) {
        topology.builtin_internet = file->text == "builtin:internet-2018";
        if (!topology.builtin_internet) {
            faults.at_value(
                *file, "E308",
                {fmt::format("no built-in topology is called \"{}\"", file->text), "there is builtin:internet-2018"});
        }
        return;
    }
    topology.file = file_beside(faults, *file, scenario_file);
}

void read_synthetic(const Values& from, SyntheticTopology& synthetic) {
    const auto read = [&from](std::string_view key, std::uint32_t& to) {
        if (const Node* node = from.get(key)) to = static_cast<std::uint32_t>(as_int(*node));
    };
    if (from.get("ases") != nullptr) read("ases", synthetic.ases.emplace());
    read("tier1", synthetic.tier1);
    read("tier2", synthetic.tier2);
    read("stubs", synthetic.stubs);
    if (const Node* seed = from.get("seed")) synthetic.seed = as_seed(*seed);
}

/// Shares of ASes that entered the network directly or across an exchange, of those seen in traceroutes of 2017: 402 of
/// 2,873 into OpenDNS, which peers openly, 1,114 of 2,985 into Google (docs/model.md, "Topologies").
constexpr double peering_open = 0.15, peering_hyperscaler = 0.37;

void read_peering(const Values& from, CdnPeering& peering) {
    if (const Node* profile = from.get("profile"))
        peering.city = peering.country = profile->text == "hyperscaler" ? peering_hyperscaler : peering_open;
    from.read_share("city", peering.city);
    from.read_share("country", peering.country);
    if (const Node* seed = from.get("seed")) peering.seed = as_seed(*seed);
    const Node* kinds = from.get("kinds");
    if (kinds == nullptr) return;
    peering.isp = peering.edge = peering.hosting = peering.institution = false;
    for (const Node& kind : kinds->elements) {
        peering.isp = peering.isp || kind.text == "isp";
        peering.edge = peering.edge || kind.text == "edge";
        peering.hosting = peering.hosting || kind.text == "hosting";
        peering.institution = peering.institution || kind.text == "institution";
    }
}

void read_bgp(const Values& from, Bgp& bgp) {
    if (const Node* rule = from.get("tie_break")) {
        bgp.tie_break = rule->text == "nearest_exit" ? TieBreak::NearestExit
                        : rule->text == "hash"       ? TieBreak::Hash
                                                     : TieBreak::LowestAsn;
    }
    if (const Node* seed = from.get("hash_seed")) bgp.hash_seed = as_seed(*seed);
    if (const Node* policy = from.get("policy")) bgp.export_everything = policy->text == "none";
    from.read("leaks", bgp.leaks);
    from.read("validating", bgp.validating);
    from.read("mrai", bgp.mrai);
    from.read_share("mrai_jitter", bgp.mrai_jitter);
    from.read("withdraw_starts_mrai", bgp.withdraw_starts_mrai);
    from.read("mrai_applies_to_withdraw", bgp.mrai_applies_to_withdraw);
    from.read("processing", bgp.processing);
    from.read("hold_time", bgp.hold_time);
    from.read("keepalive", bgp.keepalive);
    const Values detection = from.in("bfd");
    bool on = false;
    detection.read("enabled", on);
    if (!on) return;
    bgp.bfd.emplace();
    detection.read("interval", bgp.bfd->interval);
    detection.read("multiplier", bgp.bfd->multiplier);
}

void read_topology(Faults& faults, const Values& from, const std::string& scenario_file, Topology& topology) {
    if (const Node* links = from.get("links")) {
        topology.kind = Topology::Kind::Links;
        topology.links = asn_pairs(*links);
    }
    if (const Node* peers = from.get("peers")) {
        topology.kind = Topology::Kind::Links;
        topology.peers = asn_pairs(*peers);
    }
    read_as_relationships(faults, from.in("as_relationships"), scenario_file, topology);
    if (from.get("synthetic") != nullptr) {
        topology.kind = Topology::Kind::Synthetic;
        read_synthetic(from.in("synthetic"), topology.synthetic);
    }
    if (const Node* file = from.in("graph").get("file")) {
        topology.kind = Topology::Kind::Graph;
        topology.file = file_beside(faults, *file, scenario_file);
    }
    const Values propagation = from.in("propagation");
    propagation.read_number("km_per_ms", topology.km_per_ms);
    propagation.read_number("path_stretch", topology.path_stretch);
    propagation.read("per_hop", topology.per_hop);
    read_bgp(from.in("bgp"), topology.bgp);
}

void read_anycast(Faults& faults, const Values& from, AllNames& names, Anycast& anycast) {
    from.read("prefix", anycast.prefix);
    from.read_asn("asn", anycast.asn);
    if (const Node* foreign = from.get("on_foreign_segment")) {
        anycast.on_foreign_segment = foreign->text == "drop"      ? OnForeignSegment::Drop
                                     : foreign->text == "forward" ? OnForeignSegment::Forward
                                                                  : OnForeignSegment::Rst;
    }
    const Node* groups = from.get("groups");
    if (groups == nullptr) return;
    for (const Node& node : groups->elements) {
        if (node.faulty || !node.is_object()) continue;
        const Values given(node, "anycast.groups[]");
        PrefixGroup group;
        given.read("id", group.id);
        given.read("prefix", group.prefix);
        const auto each = [&given](const char* list, auto use) {
            if (const Node* words = given.get(list)) {
                for (const Node& word : words->elements) {
                    if (!word.faulty) use(word);
                }
            }
        };
        each("pops", [&](const Node& pop) {
            if (const auto index = names.pops.at_value(faults, pop.text, pop)) group.pops.push_back(PopId{*index});
        });
        each("regions", [&](const Node& region) { group.regions.push_back(region.text); });
        each("countries", [&](const Node& country) { group.countries.push_back(country.text); });
        each("clients", [&](const Node& client) {
            if (const auto index = names.clients.at_value(faults, client.text, client)) group.clients.push_back(*index);
        });
        anycast.groups.push_back(std::move(group));
    }
}

/// A map from neighbour to a number.
void read_by_neighbour(Faults& faults, const Node* map, std::vector<std::pair<AsNumber, int>>& to) {
    if (map == nullptr) return;
    for (const Member& member : map->members) {
        if (member.value.faulty) continue;
        const std::optional<std::int64_t> asn = parse_integer(member.key);
        if (!asn || *asn < 1 || *asn > 4'294'967'295) { // RFC 6793
            faults.at_key(member.value, "E209", {fmt::format("\"{}\" is not an ASN", member.key)});
        } else {
            to.emplace_back(static_cast<AsNumber>(*asn), as_int(member.value));
        }
    }
}

Pop read_pop(Faults& faults, const Node& node, AllNames& names) {
    const Values from(node, "pops[]");
    Pop pop;
    from.read("id", pop.id);
    from.read("at", pop.at);
    from.read("asn", pop.asn);
    if (const Node* upstreams = from.get("upstreams")) {
        pop.upstreams_listed = upstreams->is_list();
        if (!pop.upstreams_listed) pop.upstream_count = as_int(*upstreams);
        from.read("upstreams", pop.upstreams);
    }
    from.read("peers", pop.peers);
    from.read("prepend", pop.prepend);
    read_by_neighbour(faults, from.get("prepend_to"), pop.prepend_to);
    from.read("only_to", pop.only_to);
    pop.only_to_given = from.get("only_to") != nullptr;
    from.read("no_export_to", pop.no_export_to);
    from.read("no_export", pop.no_export);
    from.read("graceful_shutdown", pop.graceful_shutdown);
    from.read("announced", pop.announced);
    from.read("invalid", pop.invalid);
    if (const Node* list = from.get("prepend_via")) {
        for (const Node& element : list->elements) {
            if (element.faulty || !element.is_object()) continue;
            const Values asked(element, "pops[].prepend_via[]");
            PrependVia request;
            asked.read_asn("via", request.via);
            asked.read_asn("to", request.to);
            asked.read("extra", request.extra);
            pop.prepend_via.push_back(request);
        }
    }
    read_rtt_to(faults, node, names, pop.rtt_to);
    from.read("med", pop.med);
    read_by_neighbour(faults, from.get("med_to"), pop.med_to);
    from.read("router_id", pop.router_id);
    from.read("tfo_key", pop.tfo_key);
    return pop;
}

Workload read_workload(const Values& from) {
    Workload workload;
    from.read("requests_per_session", workload.requests_per_session);
    from.read("think_time", workload.think_time);
    const Node* objects = from.get("objects");
    if (objects == nullptr) return workload;
    for (const Node& node : objects->elements) {
        const Values object(node, "workload.objects[]");
        WebObject web;
        object.read("id", web.id);
        object.read_number("weight", web.weight);
        object.read("method", web.method);
        object.read("request", web.request);
        object.read("response", web.response);
        if (const Node* items = object.get("items")) web.items = static_cast<std::uint32_t>(as_int(*items));
        object.read_number("zipf", web.zipf);
        if (const Node* ratio = object.get("cache_hit_ratio")) web.cache_hit_ratio = as_share(*ratio);
        workload.objects.push_back(std::move(web));
    }
    return workload;
}

Tls read_tls(const Values& from) {
    Tls tls;
    std::string version = "1.3";
    from.read("version", version);
    tls.version = version == "none" ? Tls::Version::None : version == "1.2" ? Tls::Version::Tls12 : Tls::Version::Tls13;
    from.read_share("resumed", tls.resumed);
    from.read_share("early_data", tls.early_data);
    from.read("client_hello", tls.client_hello);
    from.read("server_flight", tls.server_flight);
    return tls;
}

void read_health_checks(const Values& from, Edge& edge) {
    bool on = false;
    from.read("enabled", on);
    if (!on) return;
    edge.health_checks.emplace();
    from.read("interval", edge.health_checks->interval);
    from.read("timeout", edge.health_checks->timeout);
    from.read("retries", edge.health_checks->retries);
}

void read_cache(const Values& from, Edge& edge) {
    bool on = false;
    from.read("enabled", on);
    if (!on) return;
    Cache& cache = edge.cache.emplace();
    from.read("capacity", cache.capacity);
    if (const Node* policy = from.get("policy"))
        cache.policy = policy->text == "fifo" ? Cache::Policy::Fifo : Cache::Policy::Lru;
    from.read("ttl", cache.ttl);
    from.read("renew_on_hit", cache.renew_on_hit);
    from.read("coalesce", cache.coalesce);
    from.read("stale_while_revalidate", cache.stale_while_revalidate);
}

Edge read_edge(Faults& faults, const Values& from, AllNames& names) {
    Edge edge;
    from.read("profile", edge.profile);
    from.read_share("cache_hit_ratio", edge.cache_hit_ratio);
    from.read("processing", edge.processing);
    const Values pool = from.in("origin_pool"), retry = from.in("retry"), timeouts = from.in("timeouts");
    pool.read("max_idle", edge.pool_max_idle);
    pool.read("idle_timeout", edge.pool_idle_timeout);
    pool.read("max_connections", edge.pool_max_connections);
    if (const Node* pick = pool.get("pick")) edge.pool_fifo = pick->text == "fifo";
    retry.read("buffer", edge.retry_buffer);
    retry.read("zero_downtime_failover", edge.zero_downtime_failover);
    retry.read("connect_attempts", edge.connect_attempts);
    if (const Node* reset = retry.get("reused_reset")) {
        edge.reused_reset = reset->text == "any"     ? ReusedReset::Any
                            : reset->text == "never" ? ReusedReset::Never
                                                     : ReusedReset::Idempotent;
    }
    if (const Node* schedule = timeouts.get("syn_schedule")) {
        for (const Node& wait : schedule->elements) edge.syn_schedule.push_back(as_duration(wait));
    }
    timeouts.read("ack", edge.timeout_ack);
    timeouts.read("read", edge.timeout_read);
    timeouts.read("tls", edge.timeout_tls);
    timeouts.read("write", edge.timeout_write);
    timeouts.read("request", edge.timeout_request);
    timeouts.read("read_slack", edge.read_slack);
    timeouts.read("header_limit", edge.header_limit);
    if (const Node* action = from.get("idle_action")) edge.idle_closes = action->text != "probe";
    if (const Node* mode = from.get("ssl_mode")) edge.strict_tls = mode->text != "full";
    read_health_checks(from.in("health_checks"), edge);
    read_cache(from.in("cache"), edge);
    if (const Node* upper = from.get("upper_tier")) {
        for (const Node& pop : upper->elements) {
            if (pop.faulty) continue;
            if (const auto index = names.pops.at_value(faults, pop.text, pop)) edge.upper_tier.push_back(PopId{*index});
        }
    }
    return edge;
}

void read_variants(Faults& faults, const Values& root, AllNames& names, Scenario& scenario) {
    names.variants.define_keys(root.get("variants"));
    if (const Node* variants = root.get("variants")) {
        for (const Member& member : variants->members) {
            Variant variant;
            variant.name = member.key;
            for (const Member& set : member.value.members)
                variant.overrides.emplace_back(set.key, to_json_text(set.value));
            scenario.variants.push_back(std::move(variant));
        }
    }
    const Node* baseline = root.get("baseline");
    if (baseline != nullptr && names.variants.at_value(faults, baseline->text, *baseline))
        scenario.baseline = baseline->text;
}

} // namespace

const Node* good_member(const Node& object, std::string_view key) {
    const Node* node = object.find(key);
    return node == nullptr || node->faulty ? nullptr : node;
}

std::string file_beside(Faults& faults, const Node& file, const std::string& scenario_file) {
    std::filesystem::path path{file.text};
    if (path.is_relative() && scenario_file != "-") path = std::filesystem::path{scenario_file}.parent_path() / path;
    std::error_code ignored; // a path that cannot be asked about does not exist for us
    if (!std::filesystem::is_regular_file(path, ignored))
        faults.at_value(file, "E308", {fmt::format("there is no file \"{}\"", path.string())});
    return path.string();
}

void read_rtt_to(Faults& faults, const Node& owner, AllNames& names, std::vector<std::pair<PopId, Duration>>& rtt_to) {
    const Node* map = good_member(owner, "rtt_to");
    if (map == nullptr) return;
    for (const Member& member : map->members) {
        const auto pop = names.pops.at_key(faults, member.key, member.value);
        if (pop && !member.value.faulty) rtt_to.emplace_back(PopId{*pop}, as_duration(member.value));
    }
}

AllNames read_scenario(Faults& faults, const Node& root, Scenario& scenario) {
    AllNames names;
    const Values from(root, "");
    names.pops.define_ids(faults, root.find("pops"));
    names.origins.define_ids(faults, root.find("origins"));
    names.clients.define_ids(faults, root.find("clients"));
    const Values workload = from.in("workload");
    names.objects.define_ids(faults, workload.get("objects"));
    names.listeners.define_ids(faults, from.in("tcp").in("client_edge").get("listeners"));

    from.read("name", scenario.name);
    from.read("description", scenario.description);
    if (const Node* tags = from.get("tags")) {
        for (const Node& tag : tags->elements) scenario.tags.push_back(tag.text);
    }
    if (const Node* allow = from.get("allow")) {
        for (const Node& code : allow->elements) scenario.allow.push_back(code.text);
    }
    read_run(from.in("run"), scenario.run);
    read_topology(faults, from.in("topology"), scenario.file, scenario.topology);
    read_anycast(faults, from.in("anycast"), names, scenario.anycast);
    read_peering(from.in("anycast").in("peering"), scenario.anycast.peering);
    if (const Node* pops = from.get("pops")) {
        for (const Node& pop : pops->elements) scenario.pops.push_back(read_pop(faults, pop, names));
    }
    if (const Node* origins = from.get("origins")) read_origins(faults, *origins, names, scenario.origins);
    if (const Node* clients = from.get("clients")) read_clients(faults, *clients, names, scenario);
    scenario.workload = read_workload(workload);
    scenario.tls = read_tls(from.in("tls"));
    scenario.edge = read_edge(faults, from.in("edge"), names);
    const Profile& profile = profile_called(scenario.edge.profile);
    scenario.client_edge = read_client_edge(from.in("tcp").in("client_edge"), profile);
    scenario.edge_origin = read_edge_origin(from.in("tcp").in("edge_origin"), profile);
    if (const Node* events = from.get("events")) read_events(faults, *events, names, scenario.events);
    read_variants(faults, from, names, scenario);
    from.in("output").read("timeline", scenario.timeline);
    if (const Node* quantiles = from.in("output").get("quantiles")) {
        scenario.quantiles.clear();
        for (const Node& quantile : quantiles->elements) {
            if (!quantile.faulty) scenario.quantiles.push_back(as_quantile(quantile));
        }
    }
    return names;
}

} // namespace firstbyte::scenario
