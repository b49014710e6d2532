/// What CI systems are told, and the shell steps that tools/ci gives them.
#include "program.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>

using namespace firstbyte::test;
using nlohmann::json;

namespace {

const std::string failing = R"("p50(ttfb) < 10ms", { "expr": "ratio(cookie_hit) > 99%", "level": "warn" })";
constexpr const char* broken = "{\n  \"format\": 1,\n  \"name\": \"b\",\n  \"tsl\": \"1.3\"\n}\n";

/// Blocks of a YAML file that stand below a line "run: |" or "- |", without their indentation.
std::vector<std::string> shell_blocks(const std::string& file) {
    const std::vector<std::string> lines = lines_of(read_text(std::string{FIRSTBYTE_SOURCE_DIR} + "/" + file));
    std::vector<std::string> blocks;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!std::regex_search(lines[i], std::regex{"^ *(run:|-) \\|$"})) continue;
        const std::size_t margin = lines[i].find_first_not_of(' ');
        std::string block;
        std::size_t indent = std::string::npos;
        for (++i; i < lines.size(); ++i) {
            const std::size_t start = lines[i].find_first_not_of(' ');
            if (start == std::string::npos || start <= margin) break;
            if (indent == std::string::npos) indent = start;
            block += lines[i].substr(indent) + "\n";
        }
        --i;
        blocks.push_back(block);
    }
    return blocks;
}

/// The first block of a document that is fenced as YAML.
std::vector<std::string> yaml_block(const std::string& file) {
    const std::string text = read_text(std::string{FIRSTBYTE_SOURCE_DIR} + "/" + file), fence = "```yaml\n";
    const std::size_t begin = text.find(fence);
    REQUIRE(begin != std::string::npos);
    return lines_of(text.substr(begin + fence.size(), text.find("\n```", begin) - begin - fence.size()));
}

/// Values of the lines "key: value" and "- key: value".
std::vector<std::string> yaml_values(const std::vector<std::string>& lines, const std::string& key) {
    std::vector<std::string> values;
    for (const std::string& line : lines) {
        std::smatch match;
        if (std::regex_match(line, match, std::regex{" *(- )?" + key + ": +(.+)"})) values.push_back(match[2]);
    }
    return values;
}

/// Runs a step as GitHub does: bash --noprofile --norc -eo pipefail FILE.
Finished run_step(const Folder& folder, const std::string& script, const std::string& variables) {
    folder.write("step.sh", script);
    return folder.run_program("/bin/bash", "--noprofile --norc -eo pipefail step.sh",
                              "FB_PROGRAM='" FIRSTBYTE_PROGRAM "' FB_SCENARIO=s.fb.json FB_OUTPUT=out " + variables);
}

} // namespace

TEST_CASE("ci: github gets annotations on the thresholds' lines as the last of stdout, and a step summary") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario(failing));
    folder.write("summary", "before\n");
    const Finished run = folder.run("run s.fb.json --ci github", "GITHUB_STEP_SUMMARY=summary");
    CHECK(run.code == 99);
    const auto lines = lines_of(run.out);
    REQUIRE(lines.size() > 2);
    CHECK(lines[lines.size() - 2].rfind("::error file=s.fb.json,line=11,title=firstbyte threshold::p50(ttfb) is 241",
                                        0) == 0);
    CHECK(lines.back().rfind("::warning file=s.fb.json,line=11,title=firstbyte threshold::ratio(cookie_hit) is ", 0) ==
          0);
    CHECK(contains(lines.back(), " %25, limit 99.0 %25"));
    CHECK(read_text(folder / "summary").rfind("before\n### firstbyte: small", 0) == 0);

    const Finished as_json =
        folder.run("run s.fb.json --format json", "FIRSTBYTE_CI=github GITHUB_STEP_SUMMARY=summary");
    CHECK(json::accept(as_json.out)); // workflow commands would spoil it: they are on the other stream
    CHECK(contains(as_json.err, "::error file=s.fb.json"));
}

TEST_CASE("ci: nothing is guessed: without --ci the environment of a CI job changes nothing") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario(failing));
    const Finished run = folder.run("run s.fb.json", "GITHUB_ACTIONS=true CI=true GITHUB_STEP_SUMMARY=summary");
    CHECK(!contains(run.out + run.err, "::error"));
    CHECK(!std::filesystem::exists(folder / "summary"));
}

TEST_CASE("ci: a wrong scenario is annotated at its line by every command") {
    const Folder folder;
    folder.write("b.fb.json", broken);
    for (const std::string command : {"run", "compare", "validate"}) {
        CAPTURE(command);
        const Finished finished = folder.run(command + " b.fb.json --ci github");
        CHECK(finished.code == 3);
        CHECK(contains(finished.out + finished.err,
                       "::error file=b.fb.json,line=4,col=3,title=firstbyte E102::unknown key"));
    }
}

TEST_CASE("ci: gitlab gets a code-quality report") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario(failing));
    folder.write("b.fb.json", broken);
    CHECK(folder.run("run s.fb.json --ci gitlab").code == 99);
    const json report = json::parse(read_text(folder / "gl-code-quality-report.json"));
    REQUIRE(report.size() == 2);
    CHECK(report[0].at("severity") == "major");
    CHECK(report[1].at("severity") == "minor");
    for (const json& entry : report) {
        CHECK(entry.at("location").at("path") == "s.fb.json");
        CHECK(entry.at("location").at("lines").at("begin") == 11);
        CHECK(entry.at("fingerprint").get<std::string>().size() == 32);
        CHECK(entry.contains("description"));
        CHECK(entry.contains("check_name"));
    }
    CHECK(folder.run("validate b.fb.json s.fb.json --ci gitlab").code == 3);
    const json faults = json::parse(read_text(folder / "gl-code-quality-report.json"));
    const bool placed = std::any_of(faults.begin(), faults.end(), [](const json& fault) {
        return fault.at("check_name") == "E102" && fault.at("location").at("lines").at("begin") == 4;
    });
    CHECK_MESSAGE(placed, faults.dump());
}

TEST_CASE("ci: validate writes SARIF 2.1.0 and annotations for several files") {
    const Folder folder;
    folder.write("b.fb.json", broken);
    folder.write("s.fb.json", small_scenario());
    const Finished finished = folder.run("validate b.fb.json s.fb.json --format sarif");
    CHECK(finished.code == 3);
    const json sarif = json::parse(finished.out);
    CHECK(sarif.at("version") == "2.1.0");
    const json& run = sarif.at("runs").at(0);
    CHECK(run.at("tool").at("driver").at("name") == "firstbyte");
    REQUIRE(!run.at("results").empty());
    const json& first = run.at("results").at(0);
    CHECK(first.at("level") == "error");
    const json& place = first.at("locations").at(0).at("physicalLocation");
    CHECK(place.at("artifactLocation").at("uri") == "b.fb.json");
    CHECK(place.at("region").at("startLine").get<int>() >= 1);
    std::vector<std::string> rules;
    for (const json& rule : run.at("tool").at("driver").at("rules")) rules.push_back(rule.at("id"));
    for (const json& result : run.at("results"))
        CHECK(std::find(rules.begin(), rules.end(), result.at("ruleId")) != rules.end());

    const Finished github = folder.run("validate b.fb.json s.fb.json --format github");
    CHECK(github.code == 3);
    for (const std::string& line : lines_of(github.out)) CHECK(line.rfind("::error file=b.fb.json", 0) == 0);
    CHECK(folder.run("validate s.fb.json --format sarif").code == 0);
}

TEST_CASE("ci: the steps of the GitHub action do what they say") {
    const std::vector<std::string> steps = shell_blocks("tools/ci/action.yml");
    REQUIRE(steps.size() == 2);
    const Folder folder;
    folder.write("s.fb.json", small_scenario(failing));
    CHECK(run_step(folder, steps[0], "").code == 0);
    const Finished run =
        run_step(folder, steps[1], "FB_COMMAND=run FB_ARGUMENTS='--seed 3' GITHUB_STEP_SUMMARY=summary");
    CHECK(run.code == 99);
    CHECK(contains(run.out, "::error file=s.fb.json,line=11"));
    for (const std::string name : {"out/result.json", "out/summary.md", "out/junit.xml", "summary"})
        CHECK_MESSAGE(std::filesystem::exists(folder / name), name);
    CHECK(json::parse(read_text(folder / "out/result.json")).at("seeds").at("base") == 3);
    const Finished sweep = run_step(folder, steps[1],
                                    "FB_COMMAND=sweep FB_ARGUMENTS='--vary edge.cache_hit_ratio=0.2,0.8' "
                                    "GITHUB_STEP_SUMMARY=summary");
    CHECK(sweep.code == 99);
    CHECK(std::filesystem::exists(folder / "out/sweep.sqlite"));
    folder.write("s.fb.json", broken);
    CHECK(run_step(folder, steps[0], "").code == 3);
}

TEST_CASE("ci: the job for GitLab does what it says") {
    const std::vector<std::string> steps = shell_blocks("tools/ci/firstbyte.gitlab-ci.yml");
    REQUIRE(steps.size() == 1);
    const Folder folder;
    folder.write("s.fb.json", small_scenario(failing));
    const Finished run =
        run_step(folder, steps[0], "FB_COMMAND=compare FB_ARGUMENTS='--toggle tcp.client_edge.fast_open'");
    CHECK(run.code == 99);
    CHECK(std::filesystem::exists(folder / "gl-code-quality-report.json"));
    CHECK(std::filesystem::exists(folder / "out/junit.xml"));
}

TEST_CASE("ci: the workflow of the tutorial fails on a regression, at the threshold's line, and passes after its fix") {
    const std::vector<std::string> workflow = yaml_block("docs/tutorial.md");
    const auto scenarios = yaml_values(workflow, "scenario"), programs = yaml_values(workflow, "program");
    REQUIRE(scenarios.size() == 1);
    REQUIRE(programs.size() == 1);
    // The clone stands below the repository that is checked: what its script builds is there.
    CHECK(yaml_values(workflow, "run").back() == "firstbyte/tools/run version");
    CHECK(yaml_values(workflow, "uses") ==
          std::vector<std::string>{"actions/checkout@v4", "actions/checkout@v4", "./firstbyte/tools/ci"});
    const Folder folder;
    std::filesystem::create_directories((folder / programs[0]).parent_path());
    std::filesystem::create_symlink(FIRSTBYTE_PROGRAM, folder / programs[0]);
    REQUIRE(folder.run("init").code == 0); // as the tutorial does
    const std::string good = read_text(folder / scenarios[0]);

    const auto job = [&] {
        Finished last;
        for (const std::string& step : shell_blocks("tools/ci/action.yml")) {
            last = run_step(folder, step,
                            "FB_PROGRAM=" + programs[0] + " FB_SCENARIO=" + scenarios[0] +
                                " FB_COMMAND=run FB_ARGUMENTS= GITHUB_STEP_SUMMARY=summary");
            if (last.code != 0) break; // the next step does not run
        }
        return last;
    };
    CHECK(job().code == 0);

    const std::string before = "\"service_time\": \"20ms\"";
    const std::size_t at = good.find(before);
    REQUIRE(at != std::string::npos);
    std::string slow = good;
    folder.write(scenarios[0], slow.replace(at, before.size(), "\"service_time\": \"80ms\""));
    const Finished red = job();
    CHECK(red.code == 99);
    const std::vector<std::string> lines = lines_of(good);
    const auto threshold =
        std::find_if(lines.begin(), lines.end(), [](const std::string& line) { return contains(line, "p95(ttfb)"); });
    REQUIRE(threshold != lines.end());
    CHECK(contains(red.out,
                   "::error file=" + scenarios[0] + ",line=" + std::to_string(threshold - lines.begin() + 1) + ","));
    CHECK(contains(read_text(folder / "summary"), "p95(ttfb) < 250ms"));

    folder.write(scenarios[0], good);
    const Finished green = job();
    CHECK(green.code == 0);
    CHECK_FALSE(contains(green.out, "::error"));
}
