/// `firstbyte explain RESULT.json --conn N`: the story of one connection out of a stored result.
#include "program.hpp"

#include <nlohmann/json.hpp>

using namespace firstbyte::test;
using nlohmann::json;

namespace {

/// A client whose only request meets an origin that never answers.
constexpr const char* silent_origin = R"({
  "format": 1, "name": "silent", "run": { "duration": "10s", "replications": 1, "seed": 7 }, "pops": [ { "id": "p" } ],
  "origins": [ { "id": "o", "rtt_to": { "p": "80ms" }, "service_time": "50ms" } ],
  "clients": [ { "id": "c", "population": 1, "rtt_to": { "p": "20ms" },
    "script": [ { "at": "0s", "steps": [ { "request": "400B", "response": "2000B" } ] } ] } ],
  "workload": { "objects": [ { "id": "x" } ] },
  "tls": "none", "edge": { "cache_hit_ratio": 0, "processing": "0ms" },
  "events": [ { "at": "0s", "do": "origin_down", "origin": "o", "mode": "silent" } ]
}
)";

} // namespace

TEST_CASE("explain: a connection of a stored result is told, with the timer that fired and the settings in force") {
    const Folder folder;
    folder.write("silent.fb.json", silent_origin);
    REQUIRE(folder.run("run silent.fb.json -q -o result.json").code == 0);
    const Finished told = folder.run("explain result.json --conn 0");
    CHECK(told.err.empty());
    REQUIRE(told.code == 0);
    for (const char* part :
         {"the read timer fires while waiting for the response", "outcome of request 0: 524 read_timeout",
          "cause of 524", "settings that decide, as they are in this result", "edge.timeouts.read  125s",
          "origins[].service_time  50ms"}) {
        CAPTURE(part);
        CHECK(told.out.find(part) != std::string::npos);
    }
    const json result = json::parse(read_text(folder / "result.json"));
    const json& cause = result.at("causes").at(0);
    CHECK(cause.at("timer") == "read");
    CHECK(cause.at("client_view") == "http_error");
    CHECK(cause.at("retryable") == true);
    CHECK(cause.at("retry_after") == 120);
    CHECK(cause.at("category") == "origin");
    CHECK(cause.at("first").at("command") == "firstbyte trace FILE --client c --conn 0");
}

TEST_CASE("explain: questions about connections that have no answer are wrong usage") {
    const Folder folder;
    folder.write("silent.fb.json", silent_origin);
    folder.write("other.json", "{}");
    REQUIRE(folder.run("run silent.fb.json -q -o result.json").code == 0);
    CHECK(folder.run("explain other.json --conn 0").code == 2);
    CHECK(folder.run("explain result.json --conn 0 --client d").code == 2);
    CHECK(folder.run("explain result.json --conn 0 --variant d").code == 2);
    CHECK(folder.run("explain result.json --conn 9").code == 2);
    CHECK(folder.run("explain 522 --client c").code == 2);
    CHECK(folder.run("explain absent.json --conn 0").code == 1);
}
