/// firstbyte: finds the command, parses its options, runs it, and turns every failure into a sentence and an exit code.
#include "command.hpp"
#include "command_line.hpp"
#include "help.hpp"
#include "output.hpp"
#include "paint.hpp"

#include "firstbyte/report.hpp"
#include "firstbyte/scenario.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <vector>

namespace firstbyte::tools {
namespace {

int run_command(const Command& command, std::vector<std::string> arguments, Look& look) {
    CLI::App app;
    const Action action = prepare(app, command, look);
    const std::vector<std::string> typed = arguments;
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them from the back
    try {
        app.parse(arguments);
    } catch (const CLI::CallForHelp&) {
        print_result(command_help(command, app, false));
        return exit_ok;
    } catch (const CLI::CallForAllHelp&) {
        print_result(command_help(command, app, true));
        return exit_ok;
    } catch (const CLI::ParseError& error) {
        throw UsageError(parse_failure(app, error, typed));
    }
    look.command = repeating_words(command, app);
    return action();
}

int dispatch(std::vector<std::string> arguments, Look& look) {
    const bool help = arguments.empty() || arguments.front() == "-h" || arguments.front() == "--help";
    if (help) {
        print_result(overview());
        return exit_ok;
    }
    if (arguments.front() == "-V" || arguments.front() == "--version") arguments.front() = "version";
    const Command* command = find_command(arguments.front());
    if (command == nullptr) throw UsageError(unknown_command(arguments.front()));
    arguments.erase(arguments.begin());
    return run_command(*command, std::move(arguments), look);
}

/// Runs the command line; every failure becomes its message and its exit code.
int guarded(std::vector<std::string> arguments) {
    exit_on_signals();
    Look look;
    const auto fail = [&look](int code, const std::string& message) {
        if (look.quiet < 2) print_error(painted(message, look, stderr));
        return code;
    };
    const std::string command = arguments.empty() ? "" : arguments.front();
    try {
        const int code = dispatch(std::move(arguments), look);
        flush_result();
        return code;
    } catch (const UsageError& error) {
        const std::string where = find_command(command) != nullptr ? "firstbyte " + command : "firstbyte";
        return fail(exit_usage, std::string{"error: "} + error.what() + "\n" + where + " -h shows what there is\n");
    } catch (const ScenarioError& error) {
        return fail(exit_invalid_scenario, issues_text(error.file(), error.issues()));
    } catch (const Interrupted& error) {
        return fail(error.code(), std::string{error.what()} + "\n");
    } catch (const std::bad_alloc&) {
        return fail(exit_failure, "error: out of memory\n");
    } catch (const std::exception& error) {
        return fail(exit_failure, std::string{"error: "} + error.what() + "\n");
    }
}

} // namespace
} // namespace firstbyte::tools

int main(int argc, char** argv) { return firstbyte::tools::guarded({argv + std::min(argc, 1), argv + argc}); }
