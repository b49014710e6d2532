/// Completion scripts: clean for shellcheck, and complete.
#include "program.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

using namespace firstbyte::test;

namespace {

/// What bash completes `words` to; the last one is being typed.
Finished complete(const Folder& folder, const std::string& words) {
    folder.write("complete.sh", "firstbyte() { '" FIRSTBYTE_PROGRAM "' \"$@\"; }\n"
                                "source ./firstbyte.bash\n"
                                "COMP_WORDS=(" +
                                    words +
                                    ")\n"
                                    "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                                    "_firstbyte\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
    return folder.run_program("/bin/bash", "--noprofile --norc complete.sh");
}

} // namespace

TEST_CASE("completion: bash completes commands, options, keys and variants") {
    const Folder folder;
    folder.write("firstbyte.bash", folder.run("completion bash").out);
    folder.write("s.fb.json", small_scenario("\"p95(ttfb) < 10s\"", R"("variants": { "tfo-off": { "tls": "1.2" } },)"));
    CHECK(complete(folder, "firstbyte sw").out == "sweep\n");
    CHECK(complete(folder, "firstbyte sweep --resu").out == "--resume\n");
    CHECK(contains(complete(folder, "firstbyte run s.fb.json --set tcp.client_edge.fast_open.en").out,
                   "tcp.client_edge.fast_open.enabled\n"));
    CHECK(complete(folder, "firstbyte run s.fb.json --variant tfo").out == "tfo-off\n");
    CHECK(complete(folder, "firstbyte run s.fb.json --ci git").out == "github\ngitlab\n");
    CHECK(contains(complete(folder, "firstbyte explain tt").out, "ttfb\n"));
}

TEST_CASE("completion: every option of every command is in the script") {
    const Folder folder;
    const std::string bash = folder.run("completion bash").out, fish = folder.run("completion fish").out;
    for (const std::string command : {"run", "compare", "sweep", "trace", "validate", "report"}) {
        for (const std::string& line : lines_of(folder.run(command + " --help").out)) {
            const std::size_t start = line.find("--");
            if (line.rfind("  -", 0) != 0 || start == std::string::npos) continue;
            const std::string option = line.substr(start, line.find_first_of(" ,", start) - start);
            CAPTURE(command + " " + option);
            CHECK(contains(bash, option));
            CHECK(contains(fish, "-l " + option.substr(2)));
        }
    }
    CHECK(folder.run("completion zsh").out.rfind("#compdef firstbyte\n", 0) == 0);
}

TEST_CASE("completion: shellcheck has nothing to say about the script for bash") {
    if (std::system("shellcheck --version >/dev/null 2>&1") != 0) {
        if (std::getenv("FIRSTBYTE_REQUIRE_SHELLCHECK") != nullptr)
            FAIL("shellcheck is not installed, and this run must not do without it");
        MESSAGE("skipped: shellcheck is not installed");
        return;
    }
    const Folder folder;
    folder.write("firstbyte.bash", folder.run("completion bash").out);
    const Finished checked = folder.run_program("/usr/bin/env", "shellcheck --shell=bash firstbyte.bash");
    CHECK_MESSAGE(checked.code == 0, checked.out);
}

TEST_CASE("init: every template is listed, valid without a warning, and keeps its thresholds") {
    const Folder folder;
    std::size_t count = 0;
    for (const std::string& line : lines_of(folder.run("init --list").out)) {
        const std::string name = line.substr(0, line.find(' '));
        CAPTURE(name);
        ++count;
        CHECK(folder.run("init " + name).code == 0);
        const Finished checked = folder.run("validate --strict " + name + ".fb.json");
        CHECK_MESSAGE(checked.code == 0, checked.out);
        CHECK(folder.run("run " + name + ".fb.json --replications 1").code == 0);
    }
    CHECK(count >= 5);
    CHECK(folder.run("compare variants.fb.json --replications 3").code == 0);
    CHECK(folder.run("sweep sweep.fb.json --replications 1").code == 0);
}

TEST_CASE("help --man: a page that man reads, with every option of the help") {
    const Folder folder;
    const std::string page = folder.run("help --man sweep").out;
    CHECK(page.rfind(".TH \"firstbyte\\-sweep\" 1 ", 0) == 0);
    for (const char* option : {"resume", "shard", "objective", "jobs"})
        CHECK_MESSAGE(contains(page, std::string{"\\-\\-"} + option), option);
    CHECK(contains(folder.run("help --man").out, ".SH \"EXIT STATUS\"\n"));
    CHECK(folder.run("help --man swep").code == 2);
}

TEST_CASE("trace: perfetto has a track per connection, and its slices nest") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    CHECK(folder.run("trace s.fb.json --first 2 -q -o t.perfetto.json").code == 0);
    const auto trace = nlohmann::json::parse(read_text(folder / "t.perfetto.json"));
    CHECK(trace.at("traceEvents") ==
          nlohmann::json::parse(folder.run("trace s.fb.json --first 2 --format perfetto").out).at("traceEvents"));
    std::size_t tracks = 0, packets = 0;
    for (int track = 1; track <= 2; ++track) {
        double begin = 0, end = 0, last = 0;
        for (const auto& event : trace.at("traceEvents")) {
            if (event.at("tid") != track) continue;
            tracks += event.at("ph") == "M" ? 1U : 0U;
            packets += event.at("ph") == "i" ? 1U : 0U;
            if (event.at("ph") != "X") continue;
            const double from = event.at("ts").get<double>(), to = from + event.at("dur").get<double>();
            if (event.at("name") == "connection") {
                begin = last = from;
                end = to;
                continue;
            }
            CHECK(from >= begin);
            CHECK(from >= last - 1e-3); // microseconds: the phases follow one another
            CHECK(to <= end + 1e-3);
            last = to;
        }
        CHECK(end > begin);
    }
    CHECK(tracks == 2);
    CHECK(packets > 10);
}
