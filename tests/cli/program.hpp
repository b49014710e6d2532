/// Runs the program as a shell does, in a folder of its own.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <vector>

namespace firstbyte::test {

/// The first scenario of the format's reference, with room for other values in the places that tests vary.
inline std::string small_scenario(const std::string& thresholds = "\"p95(ttfb) < 10s\"", const std::string& more = "") {
    return R"({
  "format": 1,
  "name": "small", "allow": ["W516"],
  "run":     { "duration": "2s", "seed": 42, "replications": 5 },
  "pops":    [ { "id": "ams" } ],
  "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": "20ms" } ],
  "clients": [ { "id": "mobile", "rtt_to": { "ams": "80ms" }, "population": 200, "sessions": "20/s" } ],
  "tls":     "1.3",
  "edge":    { "cache_hit_ratio": 0.9, "processing": "1ms" },
  "tcp":     { "client_edge": { "fast_open": true } },
  )" + more +
           R"("thresholds": [ )" + thresholds + " ]\n}\n";
}

inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// How a run of the program ended.
struct Finished {
    int code = -1;
    std::string out, err;
};

/// A temporary folder in which the program runs; removed with everything in it.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "firstbyte-cli-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream{path_ / name, std::ios::binary} << text;
    }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator{path_})
            names.push_back(entry.path().filename().string());
        return names;
    }

    /// `firstbyte ARGUMENTS` with shell quoting; `environment` is put before it ("FIRSTBYTE_SEED=7").
    [[nodiscard]] Finished run(const std::string& arguments, const std::string& environment = "") const {
        return run_program(FIRSTBYTE_PROGRAM, arguments, environment);
    }

    /// The same with another program.
    [[nodiscard]] Finished run_program(const std::string& program, const std::string& arguments,
                                       const std::string& environment = "") const {
        // Streams go to files beside the folder's own, and what the caller's shell has set does not count.
        const std::string out = path_.string() + ".out", err = path_.string() + ".err";
        std::string command = "unset FIRSTBYTE_SEED FIRSTBYTE_JOBS FIRSTBYTE_FORMAT FIRSTBYTE_QUIET FIRSTBYTE_VERBOSE "
                              "FIRSTBYTE_COLOR FIRSTBYTE_PROGRESS FIRSTBYTE_EXIT_ZERO; export LC_ALL=C; ";
        command += "cd '" + path_.string() + "' && " + environment + " '" + program + "' " + arguments;
        const int status = std::system(("{ " + command + "\n} >'" + out + "' 2>'" + err + "' </dev/null").c_str());
        const Finished finished{WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(out), read_text(err)};
        std::filesystem::remove(out);
        std::filesystem::remove(err);
        return finished;
    }

private:
    std::filesystem::path path_;
};

inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace firstbyte::test
