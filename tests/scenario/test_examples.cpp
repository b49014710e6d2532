#include "scenario/support.hpp"

#include <algorithm>

using namespace firstbyte;
using namespace firstbyte::scenario_test;
using namespace std::chrono_literals;

TEST_CASE("scenario: the minimal example has the values of the format's section 3 and its defaults") {
    std::vector<Issue> warnings;
    const Scenario s =
        load_scenario(text_of("scenario/minimal.fb.json"), "minimal.fb.json", {}, Purpose::Simulate, &warnings);
    CHECK(places_of(warnings).empty());
    CHECK(s.file == "minimal.fb.json");
    CHECK(s.name == "tfo-minimal");
    CHECK(s.run.duration == 60s);
    CHECK(s.run.warmup == 0s);
    CHECK(s.run.seed == 42);
    CHECK(s.run.seed_given);
    CHECK(s.run.replications == 10);
    CHECK(s.run.confidence == 0.95);
    CHECK(s.topology.kind == Topology::Kind::Direct);
    CHECK(s.anycast.prefix == "198.51.100.0/24");
    CHECK(s.anycast.asn == 64500);
    REQUIRE(s.pops.size() == 1);
    CHECK(s.pops[0].id == "ams");
    CHECK(s.pops[0].upstream_count == 1);
    CHECK_FALSE(s.pops[0].upstreams_listed);
    REQUIRE(s.origins.size() == 1);
    CHECK(s.origins[0].rtt_to == std::vector{std::pair{PopId{0}, Duration{12ms}}});
    CHECK(s.origins[0].service_time.constant());
    CHECK(s.origins[0].service_time.a == 20e6);
    CHECK(s.origins[0].idle_timeout == 75s);
    CHECK_FALSE(s.origins[0].tfo);
    REQUIRE(s.clients.size() == 1);
    CHECK(s.clients[0].rtt_to == std::vector{std::pair{PopId{0}, Duration{80ms}}});
    CHECK(s.clients[0].population == 200);
    CHECK(s.clients[0].sessions.per_sec == 20);
    CHECK_FALSE(s.clients[0].scripted);
    CHECK(s.clients[0].access.down.unlimited());
    CHECK(s.clients[0].tfo_support == 1);
    CHECK(s.tls.version == Tls::Version::Tls13);
    CHECK(s.tls.client_hello == Bytes{517});
    CHECK(s.tls.server_flight == Bytes{4000});
    CHECK(s.edge.cache_hit_ratio == 0.9);
    CHECK(s.edge.processing.a == 1e6);
    CHECK(s.edge.pool_max_idle == 64);
    CHECK(s.client_edge.client.fast_open.enabled);
    CHECK_FALSE(s.edge_origin.client.fast_open.enabled);
    CHECK(s.client_edge.client.initial_window == 10);
    CHECK_FALSE(s.client_edge.client.mss);
    CHECK(s.client_edge.client.min_rto == 200ms);
    CHECK(s.client_edge.client.syn_rto == 1s);
    CHECK(s.client_edge.client.syn_retries == 6);
    CHECK(s.client_edge.client.syn_linear_timeouts == 4);
    CHECK(s.client_edge.client.synack_retries == 5);
    CHECK(s.client_edge.client.data_retries == 15);
    CHECK(s.client_edge.client.delayed_ack == 40ms);
    REQUIRE(s.workload.objects.size() == 1);
    CHECK(s.workload.objects[0].method == "GET");
    CHECK(s.workload.objects[0].request.a == 500);
    CHECK(s.workload.objects[0].response.a == 10'000);
    CHECK(s.workload.requests_per_session.a == 1);
    CHECK(s.workload.think_time.a == 1e9);
    REQUIRE(s.thresholds.size() == 1);
    CHECK(s.thresholds[0].path == "thresholds[0]");
    CHECK(s.thresholds[0].line == 12);
    CHECK(s.thresholds[0].value == 250e6);
    CHECK(s.quantiles == std::vector{0.5, 0.9, 0.95, 0.99, 0.999});
}

TEST_CASE("scenario: profiles have the values of the semantics reference, section 1.3") {
    const std::vector<Duration> schedule_19s{1s, 1s, 1s, 1s, 1s, 2s, 4s, 8s}, schedule_15s{1s, 2s, 4s, 8s};
    struct Row {
        const char* profile;
        std::vector<Duration> syn_schedule;
        Duration read;
        bool fast_open_client, fast_open_origin;
    };
    const Row rows[] = {
        {"cloudflare", schedule_19s, 125s, true, false},
        {"cloudflare-2025", schedule_19s, 120s, true, false},
        {"cloudflare-2024", schedule_15s, 100s, true, true},
        {"ibm-cis", schedule_15s, 100s, false, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.profile);
        const std::string more = std::string(R"(, "edge": { "profile": ")") + row.profile + R"(" })";
        const Scenario quiet = load_scenario(small(more), "-");
        CHECK(quiet.edge.syn_schedule == row.syn_schedule);
        CHECK(quiet.edge.connect_attempts == 2);
        CHECK(quiet.edge.timeout_ack == 90s);
        CHECK(quiet.edge.timeout_read == row.read);
        CHECK(quiet.edge.timeout_tls == 10s);
        CHECK(quiet.edge.pool_idle_timeout == 900s);
        CHECK(quiet.client_edge.idle_timeout == 400s);
        CHECK_FALSE(quiet.client_edge.client.fast_open.enabled); // no run has Fast Open that its file does not show
        const Scenario asked = load_scenario(
            small(more), "-", {{"tcp.client_edge.fast_open", "profile"}, {"tcp.edge_origin.fast_open", "profile"}});
        CHECK(asked.client_edge.client.fast_open.from_profile);
        CHECK(asked.client_edge.client.fast_open.enabled == row.fast_open_client);
        CHECK(asked.edge_origin.client.fast_open.enabled == row.fast_open_origin);
    }
}

TEST_CASE("scenario: a value in the file overrides its row of the profile only") {
    const Scenario s = load_scenario(
        small(R"(, "edge": { "profile": "ibm-cis", "timeouts": { "read": "7s", "syn_schedule": ["1s", "3s"] },
        "retry": { "connect_attempts": 1, "reused_reset": "never" },
        "origin_pool": { "idle_timeout": "50s", "max_idle": 3 } })"),
        "-");
    CHECK(s.edge.timeout_read == 7s);
    CHECK(s.edge.timeout_ack == 90s);
    CHECK(s.edge.syn_schedule == std::vector<Duration>{1s, 3s});
    CHECK(s.edge.connect_attempts == 1);
    CHECK(s.edge.reused_reset == ReusedReset::Never);
    CHECK(s.edge.pool_idle_timeout == 50s);
    CHECK(s.edge.pool_max_idle == 3);
}

TEST_CASE("scenario: the script example of section 15") {
    const Scenario s = load_scenario(text_of("scenario/first_synack_lost.fb.json"), "x.fb.json");
    CHECK(s.name == "first-synack-lost");
    CHECK_FALSE(s.run.seed_given);
    CHECK(s.run.seed == 1);
    CHECK(s.origins.empty()); // every request is a hit
    CHECK(s.tls.version == Tls::Version::None);
    REQUIRE(s.clients.size() == 1);
    const ClientGroup& lab = s.clients[0];
    CHECK(lab.scripted);
    CHECK(lab.population == 1);
    CHECK(lab.access.down == BitRate{10'000'000});
    CHECK(lab.access.queue_packets == 1000U);
    CHECK_FALSE(lab.access.queue_bytes);
    REQUIRE(lab.script.size() == 2);
    CHECK(lab.script[0].start == ScriptConnection::Start::At);
    CHECK(lab.script[0].hold == 0s);
    REQUIRE(lab.script[0].steps.size() == 1);
    CHECK(lab.script[0].steps[0].request == Bytes{400});
    CHECK(lab.script[0].steps[0].expect == Bytes{500});
    CHECK(lab.script[1].start == ScriptConnection::Start::After);
    CHECK(lab.script[1].offset == 100ms);
    CHECK(lab.script[1].hold == 10s);
    REQUIRE(lab.script[1].steps.size() == 3);
    CHECK(lab.script[1].steps[0].think == 300ms);
    CHECK(lab.script[1].steps[0].then == ScriptStep::Then::Close);
    CHECK(lab.script[1].steps[1].kind == ScriptStep::Kind::Idle);
    CHECK(lab.script[1].steps[1].idle == 3s);
    CHECK(lab.script[1].steps[2].response == Bytes{150'000});
    REQUIRE(lab.path_rules.size() == 2);
    CHECK(lab.path_rules[0].dir == PathRule::Dir::Down);
    CHECK(lab.path_rules[0].match == PathRule::Match::SynAck);
    CHECK(lab.path_rules[0].nth == std::pair<std::uint32_t, std::uint32_t>{1, 1});
    CHECK_FALSE(lab.path_rules[0].between);
    CHECK(lab.path_rules[0].action == PathRule::Action::Drop);
    CHECK(lab.path_rules[1].match == PathRule::Match::SynData);
    CHECK(lab.path_rules[1].between == std::pair{Instant{1s}, Instant{6500ms}});
    CHECK(lab.path_rules[1].connections.empty());
}

TEST_CASE("scenario: the topology example of section 16 needs no run and no clients for routing") {
    const std::string text = text_of("scenario/inline_topology.fb.json");
    const Scenario s = load_scenario(text, "x.fb.json", {}, Purpose::RoutingOnly);
    CHECK(s.topology.kind == Topology::Kind::Links);
    CHECK(s.topology.links == std::vector<std::pair<AsNumber, AsNumber>>{{174, 64510}, {3356, 64501}});
    CHECK(s.topology.peers == std::vector<std::pair<AsNumber, AsNumber>>{{174, 3356}, {174, 3257}});
    CHECK(s.topology.km_per_ms == 200);
    CHECK(s.topology.path_stretch == 1.4);
    CHECK(s.topology.per_hop == 300us);
    REQUIRE(s.pops.size() == 2);
    CHECK(s.pops[0].asn == 64501U);
    CHECK(s.pops[1].upstreams_listed);
    CHECK(s.pops[1].upstreams == std::vector<AsNumber>{174, 3356});
    CHECK(s.pops[1].peers == std::vector<AsNumber>{3257});
    CHECK(s.pops[1].prepend == 2);
    CHECK(places_of(issues_of(text)) == std::vector<std::string>{"E103 1:1 clients", "E103 1:1 run"});
}

TEST_CASE("scenario: every kind of announcement control of a PoP is read") {
    const Scenario s =
        load_scenario(R"({ "format": 1, "name": "x", "topology": { "as_relationships": "builtin:internet-2018" },
        "pops": [ { "id": "a", "at": [1, 2], "upstreams": 2, "prepend_to": { "174": 3, "3356": 1 }, "only_to": [174],
                    "no_export_to": [64510, 64511], "tfo_key": "own" } ] })",
                      "-", {}, Purpose::RoutingOnly);
    CHECK(s.topology.kind == Topology::Kind::AsRelationships);
    CHECK(s.topology.builtin_internet);
    CHECK(s.topology.file.empty());
    CHECK(s.pops[0].at == Place{1, 2});
    CHECK(s.pops[0].upstream_count == 2);
    CHECK(s.pops[0].prepend_to == std::vector<std::pair<AsNumber, int>>{{174, 3}, {3356, 1}});
    CHECK(s.pops[0].only_to_given);
    CHECK(s.pops[0].only_to == std::vector<AsNumber>{174});
    CHECK(s.pops[0].no_export_to == std::vector<AsNumber>{64510, 64511});
    CHECK(s.pops[0].tfo_key == "own");
}

TEST_CASE("scenario: the rich example of section 4 has no fault") {
    CHECK(places_of(issues_of(text_of("scenario/rich.fb.json"))).empty());
}

TEST_CASE("scenario: relative file names start at the folder of the scenario") {
    const std::string text = R"({ "format": 1, "name": "x", "pops": [ { "id": "a", "asn": 2 } ],
        "topology": { "as_relationships": { "file": "minimal.fb.json", "kind": "caida-serial-2" } } })";
    const std::string beside = path_of("scenario/any.fb.json");
    CHECK(load_scenario(text, beside, {}, Purpose::RoutingOnly).topology.file == path_of("scenario/minimal.fb.json"));
    CHECK(places_of(issues_of(text, {}, Purpose::RoutingOnly, path_of("any.fb.json"))) ==
          std::vector<std::string>{"E308 2:53 topology.as_relationships.file"});
}

TEST_CASE("scenario: the digest is SHA-256 of the bytes") {
    // printf '{...}' | sha256sum; any change of a byte changes it
    const std::string text = small("");
    const Scenario one = load_scenario(text, "-"), two = load_scenario(text + " ", "-");
    CHECK(one.sha256.size() == 64);
    CHECK(one.sha256 != two.sha256);
    CHECK(one.effective_json == two.effective_json);
}

TEST_CASE("scenario: a client's country comes from its place unless it is given") {
    const std::string more = R"(, "x-note": { "anything": [1, 2] } )";
    const std::string at = small(more);
    CHECK(load_scenario(at, "-", {{"clients.mobile.at", "[48.85, 2.35]"}}).clients[0].country == "FR");
    CHECK(load_scenario(at, "-", {{"clients.mobile.at", "Berlin"}}).clients[0].country == "DE");
    CHECK(load_scenario(at, "-", {{"clients.mobile.at", "Berlin"}, {"clients.mobile.country", "PL"}})
              .clients[0]
              .country == "PL");
    CHECK(load_scenario(at, "-").clients[0].country.empty());
}

TEST_CASE("scenario: loading the effective scenario gives the same effective scenario") {
    struct Row {
        const char* file;
        Purpose purpose;
    };
    for (const Row& row : {Row{"scenario/minimal.fb.json", Purpose::Simulate},
                           Row{"scenario/first_synack_lost.fb.json", Purpose::Simulate},
                           Row{"scenario/inline_topology.fb.json", Purpose::RoutingOnly},
                           Row{"scenario/synthetic_world.fb.json", Purpose::Simulate},
                           Row{"scenario/everything_built.fb.json", Purpose::Simulate}}) {
        CAPTURE(row.file);
        const Scenario first = load_scenario(text_of(row.file), "x.fb.json", {}, row.purpose);
        const Scenario again = load_scenario(first.effective_json, "x.fb.json", {}, row.purpose);
        CHECK(first.effective_json == again.effective_json);
        CHECK(first.thresholds.size() == again.thresholds.size());
        CHECK(first.edge.syn_schedule == again.edge.syn_schedule);
        CHECK(first.quantiles == again.quantiles);
        REQUIRE(first.clients.size() == again.clients.size());
        for (std::size_t i = 0; i < first.clients.size(); ++i) {
            CHECK(first.clients[i].sessions.per_sec == again.clients[i].sessions.per_sec);
            CHECK(first.clients[i].access.delay.a == again.clients[i].access.delay.a);
            CHECK(first.clients[i].access.delay.b == again.clients[i].access.delay.b);
            CHECK(first.clients[i].at == again.clients[i].at);
            CHECK(first.clients[i].country == again.clients[i].country);
            CHECK(first.clients[i].tfo_support == again.clients[i].tfo_support);
        }
    }
}

TEST_CASE(
    "scenario: TCP keepalive of the edge's ends follows the profile (semantics 1.3) until the file says otherwise") {
    struct Row {
        const char* profile;
        Keepalive users, origin;
    };
    const Row rows[] = {
        {"cloudflare", {400s, 75s, 9}, {30s, 15s, 2}},
        {"cloudflare-2025", {400s, 75s, 9}, {30s, 15s, 2}},
        {"cloudflare-2024", {300s, 75s, 9}, {30s, 30s, 2}},
        {"ibm-cis", {400s, 75s, 9}, {30s, 30s, 2}},
    };
    const auto same = [](const std::optional<Keepalive>& found, const Keepalive& wanted) {
        return found && found->idle == wanted.idle && found->interval == wanted.interval &&
               found->probes == wanted.probes;
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.profile));
        const auto with = [&](std::vector<Override> overrides) {
            overrides.push_back({"edge.profile", row.profile});
            return load_scenario(small(""), "-", overrides);
        };
        const Scenario plain = with({});
        CHECK(same(plain.client_edge.server.keepalive, row.users));
        CHECK(same(plain.edge_origin.client.keepalive, row.origin));
        CHECK_FALSE(plain.client_edge.client.keepalive);
        CHECK_FALSE(plain.edge_origin.server.keepalive);
        const Scenario off =
            with({{"tcp.client_edge.keepalive", "false"}, {"tcp.edge_origin.client.keepalive", "false"}});
        CHECK_FALSE(off.client_edge.server.keepalive);
        CHECK_FALSE(off.edge_origin.client.keepalive);
        const Scenario both = with({{"tcp.edge_origin.keepalive.idle", "20s"}});
        CHECK(same(both.edge_origin.client.keepalive, {20s, row.origin.interval, row.origin.probes}));
        CHECK(same(both.edge_origin.server.keepalive, {20s, row.origin.interval, row.origin.probes}));
        const Scenario other_end = with({{"tcp.client_edge.client.keepalive", "true"}});
        CHECK(same(other_end.client_edge.client.keepalive, row.users));
        CHECK(same(other_end.client_edge.server.keepalive, row.users));
    }
}

TEST_CASE("scenario: a word of the origin leg about Fast Open is about the edge's asking; origins accept by `tfo`") {
    const auto origin_leg = [](const std::string& tcp) {
        return load_scenario(small(R"(, "tcp": { "edge_origin": )" + tcp + " }"), "-").edge_origin;
    };
    CHECK(origin_leg(R"({ "fast_open": true })").client.fast_open.enabled);
    CHECK_FALSE(origin_leg(R"({ "fast_open": true })").server.fast_open.enabled);
    CHECK(origin_leg(R"({ "server": { "fast_open": true } })").server.fast_open.enabled);
    CHECK_FALSE(origin_leg(R"({ "server": { "fast_open": true } })").client.fast_open.enabled);
}

TEST_CASE("scenario: a made-up topology, peering, and clients of the world") {
    const Scenario s = load_scenario(text_of("scenario/synthetic_world.fb.json"), "x.fb.json");
    CHECK(s.topology.kind == Topology::Kind::Synthetic);
    CHECK_FALSE(s.topology.synthetic.ases);
    CHECK(s.topology.synthetic.tier1 == 8);
    CHECK(s.topology.synthetic.tier2 == 60);
    CHECK(s.topology.synthetic.stubs == 400);
    CHECK(s.topology.synthetic.seed == 7);
    CHECK(s.anycast.peering.city == 0.2);
    CHECK(s.anycast.peering.country == 0.15); // the profile's
    CHECK(s.anycast.peering.seed == 5);
    CHECK(s.anycast.peering.isp);
    CHECK_FALSE(s.anycast.peering.edge);
    CHECK(s.anycast.peering.hosting);
    CHECK_FALSE(s.anycast.peering.institution);
    REQUIRE(s.clients.size() == 2);
    REQUIRE(s.clients[0].world);
    CHECK(s.clients[0].world->per == WorldClients::Per::Country);
    CHECK(s.clients[0].world->users_file.empty());
    CHECK(s.clients[0].sessions.per_sec == 200);
    CHECK(s.clients[0].population == 100'000);
    REQUIRE(s.clients[1].world);
    CHECK(s.clients[1].world->per == WorldClients::Per::As);
    CHECK(s.clients[1].world->top == 50);
    CHECK(s.clients[1].population == 5000);

    // A bare profile: the shares measured in 2017 (docs/model.md, "Topologies").
    const std::string text = R"({ "format": 1, "name": "x", "pops": [ { "id": "a", "at": "Paris" } ],
        "topology": { "synthetic": { "ases": 500 } }, "anycast": { "peering": "PROFILE" } })";
    for (const auto& row : {std::pair{"open", 0.15}, std::pair{"hyperscaler", 0.37}}) {
        const double share = row.second;
        std::string changed = text;
        changed.replace(changed.find("PROFILE"), 7, row.first);
        const Scenario bare = load_scenario(changed, "-", {}, Purpose::RoutingOnly);
        CHECK(bare.topology.synthetic.ases == 500U);
        CHECK(bare.topology.synthetic.seed == 1);
        CHECK(bare.anycast.peering.city == share);
        CHECK(bare.anycast.peering.country == share);
        CHECK(bare.anycast.peering.institution);
    }
    CHECK(load_scenario(text_of("scenario/minimal.fb.json"), "x.fb.json").anycast.peering.none());
}

TEST_CASE("scenario: a file that uses every built key") {
    const Scenario s = load_scenario(text_of("scenario/everything_built.fb.json"), "x.fb.json");
    CHECK(s.tags == std::vector<std::string>{"a", "b"});
    CHECK(s.run.confidence == 0.9);
    CHECK(s.topology.per_hop == 500us);
    CHECK(s.origins[0].tfo);
    {
        const Origin& o = s.origins[0];
        CHECK(o.preset == "go");
        CHECK(o.idle_timeout == Duration{1000s}); // given: the preset has no say
        CHECK(o.workers == 8U);
        CHECK(o.queue == 100U);
        CHECK(o.accept_queue == 64U);
        CHECK(o.worker_per_connection);
        CHECK(o.requests_per_connection == 1000U);
        CHECK(o.statuses == std::vector<std::pair<int, double>>{{404, 0.02}, {502, 0.001}});
        CHECK(o.header == Bytes{400});
        REQUIRE(o.heartbeat);
        CHECK(o.heartbeat->interval == 15s);
        CHECK(o.heartbeat->bytes == Bytes{2});
        CHECK(o.buffering);
        REQUIRE(o.balancer);
        CHECK(o.balancer->target_idle == 5s);
        CHECK(o.balancer->target_rtt == 2ms);
        CHECK(o.path.up.in_good == doctest::Approx(0.002));
        CHECK(o.path.down.good_to_bad == doctest::Approx(0.01));
        CHECK(o.path.jitter.a == 1e6);
        CHECK(o.path.reorder);
        CHECK(o.path.rate_up == BitRate{1'000'000'000});
        CHECK(o.path.rate_down == BitRate{500'000'000});
        CHECK(o.path.mtu_up == Bytes{1400});
        CHECK(o.path.mtu_down == Bytes{1300});
        CHECK(o.path.icmp_filtered);
        REQUIRE(o.middlebox);
        CHECK(o.middlebox->idle == 350s);
        CHECK(o.middlebox->resets);
        CHECK(s.clients[1].path_rules[1].action == PathRule::Action::Duplicate);
        CHECK(s.clients[1].path_rules[1].delay == 5s);
    }
    // p99 = median exp(sigma z), z = 2.326348 (tables of the normal distribution): sigma = ln(400 / 45) / z
    CHECK(s.origins[0].service_time.kind == Distribution::Kind::Lognormal);
    CHECK(s.origins[0].service_time.b == doctest::Approx(0.939168).epsilon(1e-5));
    CHECK(s.clients[0].sessions.per_sec == doctest::Approx(2.0 / 60));
    CHECK(s.clients[0].cookie_held);
    CHECK(s.clients[0].tfo_support == 0.85);
    CHECK(s.clients[0].access.queue_bytes == Bytes{64 * 1024});
    CHECK(s.clients[1].script[1].start == ScriptConnection::Start::With);
    CHECK(s.clients[1].script[1].with == 0);
    CHECK(s.clients[1].script[1].offset == 50ms);
    CHECK_FALSE(s.clients[1].script[1].steps[0].respond);
    CHECK(s.clients[1].script[1].steps[0].then == ScriptStep::Then::Reset);
    CHECK(s.clients[1].script[0].steps[0].expect == Bytes{450});
    CHECK(s.clients[1].path_rules[0].connections == std::vector<std::uint32_t>{0, 1});
    CHECK(s.tls.version == Tls::Version::Tls13);
    CHECK(s.tls.resumed == 0.5);
    CHECK(s.tls.early_data == 0.25);
    CHECK(s.clients[0].access.jitter.a == 3e6);
    CHECK(s.clients[0].access.reorder);
    CHECK(s.clients[0].access.mtu == Bytes{1480});
    CHECK(s.clients[0].access.path_mtu == Bytes{1400});
    CHECK(s.clients[0].access.icmp_filtered);
    CHECK(s.clients[0].access.loss.in_good == doctest::Approx(0.001));
    CHECK(s.clients[0].access.loss.in_bad == 0.5);
    CHECK(s.clients[0].access.loss.good_to_bad == doctest::Approx(0.01));
    CHECK(s.clients[0].access.loss.bad_to_good == doctest::Approx(0.3));
    CHECK(s.clients[0].tfo_option_stripped == doctest::Approx(0.05));
    CHECK(s.clients[0].tfo_data_stripped == doctest::Approx(0.04));
    CHECK(s.clients[0].tfo_syn_data_dropped == doctest::Approx(0.03));
    CHECK(s.clients[0].tfo_option_dropped == doctest::Approx(0.02));
    CHECK(s.clients[0].tfo_blackholed == doctest::Approx(0.01));
    CHECK(s.clients[0].public_ips == 3);
    CHECK(s.clients[0].tfo_race);
    CHECK_FALSE(s.clients[1].tfo_race);
    {
        using Step = ScriptStep::Kind;
        const ScriptConnection& entry = s.clients[1].script[2];
        REQUIRE(entry.steps.size() == 3);
        CHECK(entry.steps[0].kind == Step::Request);
        CHECK(entry.steps[0].half_close);
        CHECK(entry.steps[1].kind == Step::Unread);
        CHECK(entry.steps[1].idle == 2s);
        CHECK(entry.steps[2].kind == Step::Abort);
        CHECK(entry.read_deadline == Duration{1500ms});
        CHECK(entry.listener == 0U);
        CHECK(entry.tcp.fast_open == ConnectionTcp::FastOpenUse::Connect);
        CHECK(entry.tcp.congestion == Congestion::Reno);
        REQUIRE(entry.tcp.keepalive);
        CHECK(entry.tcp.keepalive->idle == 3s);
        CHECK(entry.tcp.keepalive->interval == 1s);
        CHECK(entry.tcp.keepalive->probes == 5);
        CHECK(entry.tcp.user_timeout == Duration{5s});
        CHECK(entry.tcp.syn_retries == 1);
        CHECK(entry.tcp.receive_buffer == Bytes{64'000});
        const ScriptConnection& last = s.clients[1].script[3];
        CHECK(last.tcp.keepalive_off);
        CHECK_FALSE(last.tcp.keepalive);
        CHECK_FALSE(last.tcp.fast_open);
        CHECK_FALSE(last.steps[0].respond);
        CHECK(last.steps[0].then == ScriptStep::Then::Keep);
        CHECK(last.steps[1].kind == Step::HalfClose);
    }
    const TcpEnd &client = s.client_edge.client, &server = s.client_edge.server;
    for (const TcpEnd* end : {&client, &server}) { // what the leg says and no end contradicts
        CHECK(end->mss == Bytes{1400});
        CHECK_FALSE(end->byte_counting);
        CHECK_FALSE(end->quick_ack);
        CHECK_FALSE(end->timestamps);
        CHECK_FALSE(end->sack);
        CHECK(end->min_rto == 100ms);
        CHECK(end->max_rto == 60s);
        CHECK(end->rto_rfc6298);
        CHECK(end->syn_rto == 2s);
        CHECK(end->syn_retries == 3);
        CHECK(end->syn_linear_timeouts == 0);
        CHECK(end->synack_retries == 4);
        CHECK(end->data_retries == 8);
        CHECK(end->delayed_ack == 20ms);
        CHECK_FALSE(end->slow_start_after_idle);
        CHECK_FALSE(end->tail_loss_probe);
        CHECK(end->receive_buffer == Bytes{100'000});
        CHECK(end->time_wait == 1s);
        CHECK(end->fin_timeout == 2s);
        CHECK(end->backlog == 128);
        CHECK(end->abort_on_overflow);
        CHECK(end->fast_open.pending_limit == 16);
        CHECK(end->fast_open.cookie_lifetime == Duration{24h});
        CHECK(end->fast_open.blackhole_timeout == 1h);
        CHECK(end->fast_open.backoff_per_destination);
    }
    CHECK(client.initial_window == 16);
    CHECK(server.initial_window == 32);
    CHECK(client.congestion == Congestion::Cubic);
    CHECK(server.congestion == Congestion::Reno);
    CHECK_FALSE(client.keepalive);
    REQUIRE(server.keepalive);
    CHECK(server.keepalive->idle == 21s);
    CHECK(server.keepalive->interval == 5s); // of the leg
    CHECK(server.keepalive->probes == 3);
    CHECK_FALSE(client.user_timeout);
    CHECK(server.user_timeout == Duration{30s});
    CHECK(client.fast_open.enabled);
    CHECK_FALSE(server.fast_open.enabled);
    CHECK_FALSE(client.fast_open.cookieless);
    CHECK(server.fast_open.cookieless);
    CHECK_FALSE(s.client_edge.accept);
    CHECK(s.edge_origin.accept);
    REQUIRE(s.client_edge.listeners.size() == 2);
    CHECK(s.client_edge.listeners[0].id == "slow");
    CHECK_FALSE(s.client_edge.listeners[0].listen);
    CHECK_FALSE(s.client_edge.listeners[0].accept);
    CHECK(s.client_edge.listeners[0].backlog == 1);
    CHECK(s.client_edge.listeners[0].fast_open);
    CHECK(s.client_edge.listeners[0].cookieless);
    CHECK(s.client_edge.listeners[0].pending_limit == 2);
    CHECK(s.client_edge.listeners[1].listen);
    CHECK(s.client_edge.listeners[1].fast_open);
    CHECK(s.client_edge.listeners[1].pending_limit == 256);
    REQUIRE(s.edge_origin.client.keepalive);
    CHECK(s.edge_origin.client.keepalive->idle == 40s);
    CHECK(s.edge_origin.client.keepalive->interval == 15s); // of the profile
    CHECK(s.edge_origin.client.keepalive->probes == 2);
    CHECK_FALSE(s.edge_origin.server.keepalive);
    CHECK(s.client_edge.idle_timeout == 300s);
    CHECK(s.edge_origin.client.syn_retries == 2);
    REQUIRE(s.workload.objects.size() == 2);
    CHECK(s.workload.requests_per_session.kind == Distribution::Kind::Geometric);
    CHECK(s.workload.objects[0].cache_hit_ratio == 0.2);
    CHECK(s.workload.objects[1].response.kind == Distribution::Kind::Pareto);
    CHECK(s.workload.objects[1].response.c == 1e6);
    REQUIRE(s.events.size() == 6);
    CHECK(s.events[0].at == Instant{120s});
    CHECK(s.events[0].duration == Duration{60s});
    CHECK(s.events[0].mode == Event::Mode::DropSyn);
    CHECK(s.events[1].kind == Event::Kind::RotateTfoKey);
    CHECK(s.events[1].pop == PopId{0});
    CHECK(s.events[1].keep_old);
    CHECK(s.events[2].kind == Event::Kind::ClearPathRules);
    CHECK(s.events[2].group == 1U);
    CHECK(s.events[3].kind == Event::Kind::Set);
    CHECK(s.events[3].end == Event::End::ClientEdgeServer);
    CHECK(s.events[3].on);
    CHECK(s.events[3].duration == Duration{3s});
    CHECK(s.events[4].mode == Event::Mode::BigHeader);
    CHECK(s.events[4].size == Bytes{200'000});
    CHECK(s.events[5].kind == Event::Kind::OriginRestart);
    CHECK(s.events[5].graceful);
    REQUIRE(s.variants.size() == 2);
    CHECK(s.variants[0].name == "tfo-off");
    CHECK(s.variants[0].overrides ==
          std::vector<std::pair<std::string, std::string>>{{"tcp.client_edge.fast_open.enabled", "false"}});
    CHECK(s.baseline == "tfo-off");
    CHECK(s.quantiles == std::vector{0.5, 0.999});
}
