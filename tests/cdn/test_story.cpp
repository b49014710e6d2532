// What a traced connection tells of the edge's side: each step at its moment, by profile `cloudflare` (its published
// rows).
#include "firstbyte/report.hpp"
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// One request through an edge without cache; client 20 ms, origin 80 ms, service 50 ms, no TLS.
std::string scenario_with(const std::string& mode) {
    const std::string event =
        mode.empty() ? "" : R"({"at": "0s", "do": "origin_down", "origin": "o", "mode": ")" + mode + "\"}";
    return fmt::format(R"({{
      "format": 1, "name": "story", "run": {{"duration": "10s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}},
        "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
      "workload": {{"objects": [{{"id": "x"}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}, "events": [{}]}})",
                       event);
}

using Step = std::pair<double, std::string>;

std::vector<Step> story_of(const std::string& mode) {
    const Results results = run_scenario(scenario_with(mode));
    const TraceConnection& trace = results.traces.at(0);
    std::vector<Step> out;
    for (const TraceStep& step : trace.story) out.emplace_back(to_ms(step.at - trace.start), step.text);
    return out;
}

} // namespace

TEST_CASE("story: two attempts of 19 s each, the timer of each, and the answer") {
    // The request is at the edge after one and a half round trips of the client: 30 ms.
    CHECK(story_of("drop_syn") == std::vector<Step>{{30, "connects to the origin, attempt 1 of 2"},
                                                    {19'030, "the connect timer fires while connecting"},
                                                    {19'030, "connects to the origin, attempt 2 of 2"},
                                                    {38'030, "the connect timer fires while connecting"},
                                                    {38'030, "answers 522 itself"},
                                                    {38'040, "outcome of request 0: 522 connect_timeout"}});
}

TEST_CASE("story: a request that is never answered") {
    CHECK(story_of("silent") == std::vector<Step>{{30, "connects to the origin, attempt 1 of 2"},
                                                  {110, "sends the request to the origin; the read timer starts"},
                                                  {125'110, "the read timer fires while waiting for the response"},
                                                  {125'110, "answers 524 itself"},
                                                  {125'120, "outcome of request 0: 524 read_timeout"}});
}

TEST_CASE("story: a request that goes well has no outcome to tell, and a run without traces no story") {
    CHECK(story_of("") == std::vector<Step>{{30, "connects to the origin, attempt 1 of 2"},
                                            {110, "sends the request to the origin; the read timer starts"},
                                            {240, "the first byte of the response comes from the origin"}});
    SimulateOptions quiet;
    const Results with = run_scenario(scenario_with("drop_syn"));
    const Results without = simulate(build_world(load_scenario(scenario_with("drop_syn"), "test.fb.json")), quiet);
    CHECK(without.traces.empty());
    CHECK(all_requests(with).outcomes == all_requests(without).outcomes); // a traced run only goes on for longer
}

TEST_CASE("story: the text of a trace has it when a request failed") {
    const std::string failed = trace_text(run_scenario(scenario_with("drop_syn")).traces);
    CHECK(failed.find("the connect timer fires while connecting") != std::string::npos);
    CHECK(failed.find("outcome of request 0: 522 connect_timeout") != std::string::npos);
    CHECK(trace_text(run_scenario(scenario_with("")).traces).find("connects to the origin") == std::string::npos);
}
