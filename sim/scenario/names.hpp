/// Names that elements of the scenario have, and references to them.
#pragma once

#include "scenario/faults.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace firstbyte::scenario {

/// The ids of one list: `pops`, `origins`, `clients`, `workload.objects`, or the names of `variants`.
class Names {
public:
    /// @param noun  as in `no PoP is called "amd"`
    /// @param code  of the fault that a reference to an unknown name is
    Names(std::string noun, std::string code) : noun_(std::move(noun)), code_(std::move(code)) {}

    /// Reads the ids of a list of objects; two equal ones are a fault. Elements keep their index.
    void define_ids(Faults& faults, const Node* list);
    /// Reads the keys of a map.
    void define_keys(const Node* map);

    /// Index of the element called `name`; else a fault, once per name, at the key or the value of `node`.
    [[nodiscard]] std::optional<std::uint32_t> at_key(Faults& faults, const std::string& name, const Node& node);
    [[nodiscard]] std::optional<std::uint32_t> at_value(Faults& faults, const std::string& name, const Node& node);

    [[nodiscard]] std::optional<std::uint32_t> find(const std::string& name) const;
    [[nodiscard]] bool empty() const { return order_.empty(); }
    /// False when some name could not be read, so that unknown names prove nothing.
    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] const std::vector<std::string>& all() const { return order_; }
    /// What to say about an unknown name.
    [[nodiscard]] Words unknown(const Faults& faults, const std::string& name) const;

private:
    struct Entry {
        std::uint32_t index = 0;
        const Node* node = nullptr;
    };
    bool first_report(const std::string& name);

    std::string noun_, code_;
    std::map<std::string, Entry> entries_;
    std::vector<std::string> order_;
    std::set<std::string> reported_;
    bool complete_ = true;
};

} // namespace firstbyte::scenario
