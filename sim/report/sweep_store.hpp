/// The database behind a store of a sweep.
#pragma once

#include "firstbyte/sweep.hpp"
#include "report/database.hpp"

namespace firstbyte {

struct SweepStore::Impl {
    report::Database database;
};

} // namespace firstbyte
