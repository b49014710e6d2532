/// Which sequence numbers have reached an end, kept apart from the connection under test.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>

namespace firstbyte::test {

/// Union of ranges [begin, end). Numbers begin at 0 and the tests stay far below 2^31: no wrapping.
class ArrivedRanges {
public:
    void add(std::uint32_t begin, std::uint32_t end) {
        if (begin >= end) return;
        auto next = ranges_.upper_bound(begin);
        if (next != ranges_.begin() && std::prev(next)->second >= begin) {
            --next;
            begin = next->first;
        }
        while (next != ranges_.end() && next->first <= end) {
            if (next->second > end) end = next->second;
            next = ranges_.erase(next);
        }
        ranges_[begin] = end;
    }
    [[nodiscard]] bool contains(std::uint32_t begin, std::uint32_t end) const {
        auto next = ranges_.upper_bound(begin);
        return next != ranges_.begin() && std::prev(next)->second >= end;
    }
    /// First number that is missing.
    [[nodiscard]] std::uint32_t contiguous() const {
        return ranges_.empty() || ranges_.begin()->first != 0 ? 0 : ranges_.begin()->second;
    }

private:
    std::map<std::uint32_t, std::uint32_t> ranges_;
};

} // namespace firstbyte::test
