/// Simulated connections as Wireshark reads them: nothing malformed, every checksum right, and its own analysis of Fast
/// Open says what the simulation says. Needs tshark; where FIRSTBYTE_REQUIRE_TSHARK is set, as in tools/test, its
/// absence is a failure.
#include "firstbyte/report.hpp"
#include "support/simulation.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace firstbyte;

namespace {

bool tshark_is_there() {
    if (std::system("tshark --version >/dev/null 2>&1") == 0) return true;
    if (std::getenv("FIRSTBYTE_REQUIRE_TSHARK") != nullptr)
        FAIL("tshark is not installed, and this run must not do without it");
    MESSAGE("skipped: tshark is not installed (Debian package tshark)");
    return false;
}

/// A capture file in a folder of its own, removed with it.
class CaptureFile {
public:
    explicit CaptureFile(const std::string& bytes) {
        std::string name = (std::filesystem::temp_directory_path() / "firstbyte-pcapng-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        std::ofstream{folder_ / "trace.pcapng", std::ios::binary} << bytes;
    }
    ~CaptureFile() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    CaptureFile(const CaptureFile&) = delete;
    CaptureFile& operator=(const CaptureFile&) = delete;

    /// Lines of `tshark ARGUMENTS` on the file, with checksums verified.
    [[nodiscard]] std::vector<std::string> tshark(const std::string& arguments) const {
        const std::string command = "LC_ALL=C tshark -n -r '" + (folder_ / "trace.pcapng").string() +
                                    "' -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE " + arguments + " 2>'" +
                                    (folder_ / "stderr").string() + "'";
        std::FILE* pipe = ::popen(command.c_str(), "r");
        REQUIRE(pipe != nullptr);
        std::string out;
        char block[4096];
        for (std::size_t count; (count = std::fread(block, 1, sizeof block, pipe)) != 0;) out.append(block, count);
        const int status = ::pclose(pipe);
        std::ostringstream errors;
        errors << std::ifstream{folder_ / "stderr"}.rdbuf();
        INFO(command << "\n" << errors.str());
        REQUIRE(status == 0);
        std::vector<std::string> lines;
        std::istringstream stream{out};
        for (std::string line; std::getline(stream, line);) lines.push_back(line);
        return lines;
    }
    [[nodiscard]] std::size_t count(const std::string& filter) const { return tshark("-Y '" + filter + "'").size(); }
    /// Connections in which some packet passes the filter.
    [[nodiscard]] std::size_t connections(const std::string& filter) const {
        const std::vector<std::string> numbers = tshark("-Y '" + filter + "' -T fields -e tcp.stream");
        return std::set<std::string>(numbers.begin(), numbers.end()).size();
    }

private:
    std::filesystem::path folder_;
};

/// Connections one after the other: a cookie is asked for, then used; then rules of the path spoil each further one.
std::string scenario(const std::string& tls) {
    std::string entries = R"({"at": "0s", "steps": [{"request": "400B", "response": "5000B"}]})";
    for (int n = 0; n < 6; ++n)
        entries += R"(, {"after": "100ms", "steps": [{"request": "400B", "response": "5000B"}, {"idle": "100ms"},
                                                     {"request": "1B", "response": "1B"}]})";
    return R"({"format": 1, "name": "wireshark", "run": {"duration": "60s", "replications": 1, "seed": 1},
      "pops": [{"id": "ams"}],
      "clients": [{"id": "lab", "population": 1, "rtt_to": {"ams": "100ms"},
                   "access": {"down": "10Mbps", "up": "10Mbps", "queue": "2 packets"},
                   "script": [)" +
           entries + R"(],
                   "path_rules": [
                     {"dir": "up", "match": "tfo", "connections": [2], "do": "corrupt_cookie"},
                     {"dir": "up", "match": "tfo", "connections": [3], "do": "strip_tfo"},
                     {"dir": "up", "match": "syn_data", "connections": [4], "do": "drop"},
                     {"dir": "down", "match": "synack", "connections": [5], "nth": [1, 1], "do": "drop"},
                     {"dir": "up", "match": "tfo", "connections": [6], "do": "strip_data"}]}],
      "tls": ")" +
           tls + R"(", "edge": {"cache_hit_ratio": 1, "processing": "0ms"},
      "tcp": {"client_edge": {"fast_open": true}}})";
}

} // namespace

TEST_CASE("wireshark: simulated connections are well formed and Fast Open is recognised") {
    if (!tshark_is_there()) return;
    for (const std::string tls : {"none", "1.3", "1.2"}) {
        CAPTURE(tls);
        const Results results = test::run_scenario(scenario(tls));
        REQUIRE(results.traces.size() == 7);
        const CaptureFile file(trace_pcapng(results.traces, 1'767'225'600));
        std::size_t packets = 0, lost = 0, syn_data = 0, taken = 0, ignored = 0, requests = 0, cookies = 0;
        for (const TraceConnection& trace : results.traces) {
            packets += trace.packets.size();
            taken += trace.counters_client.active;
            ignored += trace.counters_client.active_fail;
            for (const TracePacket& packet : trace.packets) {
                const bool syn = packet.up && packet.flags == 2;
                lost += packet.arrives == never ? 1u : 0u;
                syn_data += syn && packet.length != 0 ? 1u : 0u;
                requests += packet.tfo == TracePacket::Tfo::Request ? 1u : 0u;
                cookies += packet.tfo == TracePacket::Tfo::Cookie ? 1u : 0u;
            }
        }
        REQUIRE(lost >= 3); // the rules' and those of the short queue: they are in the file as well
        REQUIRE(syn_data == 6);
        REQUIRE(taken == 2);   // connection 1, and 5, whose server repeats the lost SYN-ACK
        REQUIRE(ignored == 4); // cookie, option, SYN or data spoilt

        CHECK(file.count("tcp") == packets);
        CHECK(file.tshark("-Y _ws.malformed") == std::vector<std::string>{});
        // Expert groups of checksums, malformed packets and violated protocols; that of sequence numbers also tells of
        // what a lossy path does, and is no fault.
        CHECK(file.tshark("-Y '_ws.expert.group in {0x01000000, 0x07000000, 0x09000000}'") ==
              std::vector<std::string>{});
        // 1 is "Good"; 0 would be "Bad", 2 "Unverified".
        CHECK(file.count("ip.checksum.status == 1 && tcp.checksum.status == 1") == packets);
        CHECK(file.count("frame.comment") == packets);
        CHECK(file.tshark("-T fields -e frame.interface_name -c 1") == std::vector<std::string>{"lab->ams"});
        CHECK(file.tshark("-T fields -e frame.time_epoch -c 1") == std::vector<std::string>{"1767225600.000000000"});

        CHECK(file.count("tcp.options.tfo.request") == requests);
        CHECK(file.count("tcp.options.tfo.cookie") == cookies);
        CHECK(file.count("tcp.analysis.tfo_syn") == syn_data);
        CHECK(file.connections("tcp.analysis.tfo_syn") == taken + ignored);
        CHECK(file.connections("tcp.analysis.tfo_ack") == taken);
        CHECK(file.connections("tcp.analysis.tfo_ignored") == ignored);
        CHECK(file.connections("tcp.analysis.tfo_ack && tcp.analysis.tfo_ignored") == 0);
    }
}
