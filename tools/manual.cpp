/// Manual pages, from the same table as the help.
#include "common.hpp"
#include "help.hpp"

#include "core/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace firstbyte::tools {
namespace {

/// roff reads backslashes everywhere, and dots and quotes at the start of a line, as its own; a bare "-" is a hyphen
/// that nobody can copy as an option.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
            out += std::string{"\\&"} + c;
        else
            out += c;
    }
    return out;
}

std::string head(std::string_view name, std::string_view summary) {
    return fmt::format(".TH \"{}\" 1 \"\" \"firstbyte {}\"\n.SH NAME\n{} \\- {}\n", roff(name), version, roff(name),
                       roff(summary));
}

std::string option_entry(const CLI::Option& option) {
    std::string names;
    for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
    for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
    if (option.get_positional()) names = option.get_name(true, false);
    std::string text = option.get_description();
    if (!option.get_default_str().empty()) text += fmt::format(" [{}]", option.get_default_str());
    if (!option.get_envname().empty()) text += fmt::format("; environment variable {}", option.get_envname());
    const bool value = !option.get_positional() && option.get_items_expected_max() > 0;
    return fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff(names),
                       value ? " \\fI" + roff(option.get_type_name()) + "\\fR" : "", roff(text));
}

std::string page_of(const Command& command) {
    CLI::App app;
    Look unused;
    static_cast<void>(prepare(app, command, unused));
    std::string out = head(fmt::format("firstbyte-{}", command.name), command.summary);
    out += fmt::format(".SH SYNOPSIS\n\\fBfirstbyte {}\\fR {}\n.SH EXAMPLE\n{}\n", command.name,
                       roff(command.arguments), roff(command.example));
    for (const std::string& group : app.get_groups()) {
        std::string heading = group;
        for (char& c : heading) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        out += fmt::format(".SH \"{}\"\n", roff(heading));
        for (const CLI::Option* option : app.get_options())
            if (option->get_group() == group) out += option_entry(*option);
    }
    return out + ".SH \"SEE ALSO\"\nfirstbyte(1)\n";
}

std::string page_of_program() {
    std::string out = head("firstbyte", "discrete-event network simulator of anycast CDNs and TCP Fast Open");
    out += ".SH SYNOPSIS\n\\fBfirstbyte\\fR \\fICOMMAND\\fR [options] [\\fISCENARIO\\fR]\n.SH COMMANDS\n";
    for (const Command& command : commands())
        out += fmt::format(".TP\n\\fB{}\\fR {}\n{}; see firstbyte\\-{}(1)\n", command.name, roff(command.arguments),
                           roff(command.summary), command.name);
    return out +
           ".SH \"EXIT STATUS\"\n0: done; 1: a file or memory; 2: usage; 3: the scenario is wrong; 99: a threshold "
           "failed; 130, 143: interrupted, what was finished is kept\n";
}

} // namespace

std::string manual_page(const std::string& command) {
    if (command.empty()) return page_of_program();
    const Command* found = find_command(command);
    if (found == nullptr) throw UsageError(unknown_command(command));
    return page_of(*found);
}

} // namespace firstbyte::tools
