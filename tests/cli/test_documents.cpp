// Every command in README and docs prints what stands below it.
//
// In a fenced block a line "$ COMMAND" is run, and the lines up to the next one (or the end of the block) are its
// standard output; a line "..." stands for any number of lines, four blanks may stand for a tab. Commands of a document
// run one after the other in one folder that holds `scenarios`, so that a later one reads what an earlier one wrote.
#include "cli/program.hpp"

#include <algorithm>
#include <filesystem>
#include <regex>

using namespace firstbyte::test;
namespace fs = std::filesystem;

namespace {

struct Example {
    std::string document, command;
    std::size_t line = 0; ///< of the command, from 1
    std::vector<std::string> expected;
};

std::vector<fs::path> documents() {
    const fs::path source = FIRSTBYTE_SOURCE_DIR;
    std::vector<fs::path> found{source / "README.md"};
    for (const auto& entry : fs::recursive_directory_iterator{source / "docs"})
        if (entry.path().extension() == ".md") found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<Example> examples_of(const fs::path& document) {
    std::vector<Example> examples;
    bool fenced = false, in_output = false;
    std::size_t number = 0;
    for (const std::string& line : lines_of(read_text(document))) {
        ++number;
        if (line.starts_with("```")) {
            fenced = !fenced;
            in_output = false;
        } else if (fenced && line.starts_with("$ ")) {
            examples.push_back({document.filename().string(), line.substr(2), number, {}});
            in_output = true;
        } else if (in_output) {
            examples.back().expected.push_back(line);
        }
    }
    for (Example& example : examples)
        while (!example.expected.empty() && example.expected.back().empty()) example.expected.pop_back();
    return examples;
}

/// Whether `found` is what `expected` says, where "..." stands for any number of lines.
bool matches(const std::vector<std::string>& expected, std::size_t e, const std::vector<std::string>& found,
             std::size_t f) {
    const auto skips = [](const std::string& line) {
        return line.find_first_not_of(" .") == line.npos && line.ends_with("...");
    };
    while (e < expected.size() && !skips(expected[e])) {
        if (f == found.size() || found[f] != expected[e]) return false;
        ++e;
        ++f;
    }
    if (e == expected.size()) return f == found.size();
    for (; f <= found.size(); ++f)
        if (matches(expected, e + 1, found, f)) return true;
    return false;
}

/// What a test cannot run: measurements that have no licence to be shipped, and figures of a machine.
bool runs_anywhere(const std::string& command) {
    return !command.starts_with("tools/validate world") && !command.starts_with("tools/bench") &&
           (!command.starts_with("tshark") || std::system("command -v tshark >/dev/null") == 0);
}

} // namespace

TEST_CASE("documents: the match of a document with an output skips lines only where it says so") {
    CHECK(matches({"a", "b"}, 0, {"a", "b"}, 0));
    CHECK_FALSE(matches({"a"}, 0, {"a", "b"}, 0));
    CHECK_FALSE(matches({"a", "c"}, 0, {"a", "b", "c"}, 0));
    CHECK(matches({"a", "...", "c"}, 0, {"a", "b", "b", "c"}, 0));
    CHECK(matches({"a", "...", "c", "..."}, 0, {"a", "c"}, 0));
    CHECK_FALSE(matches({"...", "d"}, 0, {"a", "c"}, 0));
}

TEST_CASE("documents: every command prints what stands below it") {
    std::size_t run = 0;
    for (const fs::path& document : documents()) {
        const Folder folder;
        fs::create_directory_symlink(fs::path{FIRSTBYTE_SOURCE_DIR} / "scenarios", folder / "scenarios");
        fs::create_directory(folder / "tools");
        const std::string program = FIRSTBYTE_PROGRAM, validate = FIRSTBYTE_VALIDATE_PROGRAM;
        // tools/run and tools/validate build first; here that is done.
        folder.write("tools/run",
                     "#!/bin/sh\n[ -f \"$1\" ] && exec '" + program + "' run \"$@\"\nexec '" + program + "' \"$@\"\n");
        folder.write("tools/validate", "#!/bin/sh\nexec '" + validate + "' \"$@\"\n");
        folder.write("firstbyte", "#!/bin/sh\nexec '" + program + "' \"$@\"\n");
        for (const char* script : {"tools/run", "tools/validate", "firstbyte"})
            fs::permissions(folder / script, fs::perms::owner_all);
        for (const Example& example : examples_of(document)) {
            if (!runs_anywhere(example.command)) continue;
            CAPTURE(example.document);
            CAPTURE(example.line);
            CAPTURE(example.command);
            folder.write("command", "PATH=\"$PWD:$PATH\"\n" + example.command + "\n");
            const Finished finished = folder.run_program("sh", "command");
            const std::vector<std::string> found = lines_of(std::regex_replace(finished.out, std::regex{"\t"}, "    "));
            const bool same = matches(example.expected, 0, found, 0);
            CHECK_MESSAGE(same, finished.out << finished.err);
            ++run;
        }
    }
    CHECK(run > 10);
}

TEST_CASE("documents: the reference is what the program writes") {
    const Folder folder;
    for (const std::string page : {"keys", "metrics", "outcomes", "codes"}) {
        CAPTURE(page);
        const fs::path file = fs::path{FIRSTBYTE_SOURCE_DIR} / "docs/reference" / (page + ".md");
        const std::string written = folder.run("explain --reference " + page).out;
        REQUIRE(written.size() > 1000);
        if (std::getenv("FIRSTBYTE_UPDATE_GOLDEN") != nullptr) std::ofstream{file} << written;
        const bool same = read_text(file) == written;
        CHECK_MESSAGE(same, "FIRSTBYTE_UPDATE_GOLDEN=1 writes it anew");
    }
    CHECK(folder.run("explain --reference poems").code == 2);
}

TEST_CASE("documents: every link inside the project leads to a file") {
    const std::regex link{R"(\]\(([^)#:]+)(#[^)]*)?\))"};
    std::size_t links = 0;
    for (const fs::path& document : documents()) {
        const std::string text = read_text(document);
        for (std::sregex_iterator found{text.begin(), text.end(), link}, end; found != end; ++found) {
            CAPTURE(document);
            CAPTURE((*found)[1].str());
            CHECK(fs::exists(document.parent_path() / (*found)[1].str()));
            ++links;
        }
    }
    CHECK(links > 20);
}
