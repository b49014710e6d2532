/// Words of a choice and what they stand for.
#pragma once

#include "scenario/document.hpp"

#include <array>
#include <string_view>

namespace firstbyte::scenario {

template <class Value>
struct Spelling {
    std::string_view word;
    Value value;
};

/// The value that a checked choice stands for.
template <class Value, std::size_t count>
Value chosen(const Node& node, const std::array<Spelling<Value>, count>& spellings) {
    for (const auto& spelling : spellings) {
        if (spelling.word == node.text) return spelling.value;
    }
    return spellings.front().value;
}

} // namespace firstbyte::scenario
