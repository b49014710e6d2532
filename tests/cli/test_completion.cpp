/// Completion scripts: clean for shellcheck, and complete.
#include "program.hpp"

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
