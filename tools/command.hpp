/// The commands of the program: one table for dispatch, help and suggestions.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace firstbyte::tools {

// Process exit codes. The values are an interface: scripts and CI jobs branch on them.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1; ///< runtime failure: a file, memory
inline constexpr int exit_usage = 2;   ///< unknown flag, command or value
inline constexpr int exit_invalid_scenario = 3;
inline constexpr int exit_threshold = 99; ///< an error-level threshold failed; the value k6 uses
inline constexpr int exit_signal = 128;   ///< plus the signal's number: 130 after SIGINT, 143 after SIGTERM

/// How much is said, and how. Filled while the command line is parsed.
struct Look {
    int quiet = 0; ///< 1: errors and the verdict; 2: nothing
    int verbose = 0;
    std::string color = "auto"; ///< auto, always, never; see paint.hpp
    std::string progress = "auto";
    std::vector<std::string> command; ///< words that make the same result again, for its report
};

/// What to do once the command line is known to be right; returns the exit code.
using Action = std::function<int()>;

struct Command {
    std::string_view group, name, arguments, summary, example;
    Action (*declare)(CLI::App& app, Look& look); ///< adds the command's options to `app`
};

/// In the order of the help.
[[nodiscard]] const std::vector<Command>& commands();
[[nodiscard]] const Command* find_command(std::string_view name); ///< nullptr when there is none

Action declare_run(CLI::App& app, Look& look);
Action declare_compare(CLI::App& app, Look& look);
Action declare_sweep(CLI::App& app, Look& look);
Action declare_merge(CLI::App& app, Look& look);
Action declare_report(CLI::App& app, Look& look);
Action declare_completion(CLI::App& app, Look& look);
Action declare_trace(CLI::App& app, Look& look);
Action declare_catchment(CLI::App& app, Look& look);
Action declare_explain(CLI::App& app, Look& look);
Action declare_init(CLI::App& app, Look& look);
Action declare_validate(CLI::App& app, Look& look);
Action declare_schema(CLI::App& app, Look& look);
Action declare_topo(CLI::App& app, Look& look);
Action declare_version(CLI::App& app, Look& look);
Action declare_help(CLI::App& app, Look& look);

} // namespace firstbyte::tools
