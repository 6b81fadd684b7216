// The backup that a run takes before its first step: nothing is changed before it was read back and found equal.
#pragma once

#include "backup/take.h"
#include "engine/work.h"

namespace segue::engine {

enum class BackupWanted {
  full,    // the whole database, through pg_dump
  tables,  // the tables that the plan changes, which needs no pg_dump
  none,
};

// Whether there is a pg_dump for this server: asked before anything is made, the ledger included.
Status backup_can_be_taken(pg::Connection& connection, BackupWanted wanted);

// Into the folder `backups` of the project; noted in segue.backup. A run that has one already takes no other.
Status take_backup(Work& work, BackupWanted wanted);

}  // namespace segue::engine
