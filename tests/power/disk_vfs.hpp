#pragma once

#include <memory>
#include <string>

#include "disk.hpp"

// SQLite's way to the disk in memory. Once installed it is the way of everybody in this process who opens a file: what
// lies under /power/ is on the mounted disk, everything else where it always was.
namespace paylink::power {

inline const std::string database_path = "/power/paylink.db";

// Before anything opens a database. What files promise (sector size, whether a write may harm its neighbours) is what
// SQLite's own way to the disk of this machine says.
void install_disk_vfs();

// Files that are open stay on the disk they were opened on.
void mount(std::shared_ptr<Disk> disk);

}  // namespace paylink::power
