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
          "cause of 524", "settings that decide, as they are in this result",
          "edge.timeouts.read      125s     does not help (tried 3.91s to 4000s)",
          "origins.o.service_time  50ms     does not help"}) {
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

TEST_CASE("explain: what another value of a setting makes of the connection is found by running it") {
    const Folder folder;
    folder.write("slow.fb.json", silent_origin);
    // 130 s of service and half a round trip each way of the origin's 80 ms: 130.08 s of waiting, the limit being 125
    // s.
    REQUIRE(folder.run("run slow.fb.json -q -o result.json --set origins.o.service_time=130s --set events=[]").code ==
            0);
    const std::string told = folder.run("explain result.json --conn 0").out;
    CHECK(contains(told, "outcome of request 0: 524 read_timeout"));
    CHECK(contains(told, "edge.timeouts.read      125s     ends well with 131s, not yet with 129s"));
    CHECK(contains(told, "origins.o.service_time  130s     ends well with 124s, not yet with 126s"));
    const std::string listed = folder.run("explain result.json").out;
    CHECK(contains(listed, "524  1  read_timeout  (timer: read)"));
    CHECK(contains(listed, "firstbyte explain result.json --conn 0 --client c\n"));
}

TEST_CASE("explain: a variant that only a comparison made is told by what the result stores of it") {
    const Folder folder;
    folder.write("s.fb.json", silent_origin);
    REQUIRE(folder.run("compare s.fb.json -q --toggle tcp.client_edge.fast_open -o result.json").code == 0);
    CHECK(contains(folder.run("explain result.json --conn 0 --variant fast_open=true").out, "FO cookie-request"));
    CHECK_FALSE(contains(folder.run("explain result.json --conn 0").out, "FO cookie-request"));
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
