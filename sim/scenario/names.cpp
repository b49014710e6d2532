#include "scenario/names.hpp"

#include "scenario/spelling.hpp"

#include <fmt/format.h>

namespace firstbyte::scenario {

void Names::define_ids(Faults& faults, const Node* list) {
    if (list == nullptr || list->faulty) {
        complete_ = list == nullptr;
        return;
    }
    std::uint32_t index = 0;
    for (const Node& element : list->elements) {
        const Node* id = element.find("id");
        if (id == nullptr || id->faulty) {
            complete_ = false;
        } else if (const auto [first, added] = entries_.try_emplace(id->text, Entry{index, id}); !added) {
            faults.at_value(*id, "E306",
                            {fmt::format("two {}s are called \"{}\"", noun_, id->text),
                             fmt::format("the first is defined at line {}", faults.line_of(*first->second.node))});
        } else {
            order_.push_back(id->text);
        }
        ++index;
    }
}

void Names::define_keys(const Node* map) {
    if (map == nullptr) return;
    complete_ = !map->faulty;
    for (const Member& member : map->members) {
        entries_.try_emplace(member.key, Entry{static_cast<std::uint32_t>(order_.size()), &member.value});
        order_.push_back(member.key);
    }
}

std::optional<std::uint32_t> Names::find(const std::string& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? std::nullopt : std::optional{found->second.index};
}

Words Names::unknown(const Faults& faults, const std::string& name) const {
    Words words{fmt::format("no {} is called \"{}\"", noun_, name)};
    const std::optional<std::string> near = nearest(name, order_);
    if (near) {
        words.suggestion = fmt::format("did you mean \"{}\"?", *near);
        const int line = faults.line_of(*entries_.at(*near).node);
        if (line > 0) words.suggestion += fmt::format(" (defined at line {})", line);
    } else if (order_.empty()) {
        words.suggestion = fmt::format("there is no {}", noun_);
    } else {
        constexpr std::size_t some = 5; // model choice: what fits one line
        std::vector<std::string> listed(order_.begin(),
                                        order_.begin() + static_cast<std::ptrdiff_t>(std::min(some, order_.size())));
        words.suggestion = fmt::format("there is {}{}", any_of(listed), order_.size() > some ? ", ..." : "");
    }
    return words;
}

bool Names::first_report(const std::string& name) { return complete_ && reported_.insert(name).second; }

std::optional<std::uint32_t> Names::at_key(Faults& faults, const std::string& name, const Node& node) {
    const auto found = find(name);
    if (!found && first_report(name)) faults.at_key(node, code_, unknown(faults, name));
    return found;
}

std::optional<std::uint32_t> Names::at_value(Faults& faults, const std::string& name, const Node& node) {
    const auto found = find(name);
    if (!found && first_report(name)) faults.at_value(node, code_, unknown(faults, name));
    return found;
}

} // namespace firstbyte::scenario
