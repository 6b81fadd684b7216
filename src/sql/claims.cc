#include "sql/claims.h"

namespace segue::sql {

const std::vector<std::string_view>& claimed_classes() {
  static const std::vector<std::string_view> classes = {
      // statements
      "SelectStmt",
      "InsertStmt",
      "UpdateStmt",
      "DeleteStmt",
      "MergeStmt",
      "CopyStmt",
      "TruncateStmt",
      "LockStmt",
      "CreateStmt",
      "IndexStmt",
      "ViewStmt",
      "CreateTableAsStmt",
      "CreateTrigStmt",
      "CreatePolicyStmt",
      "RuleStmt",
      "CreatePublicationStmt",
      "CreateStatsStmt",
      "RenameStmt",
      "AlterObjectSchemaStmt",
      "AT_ChangeOwner",
      "AlterDomainStmt",
      "AlterSeqStmt",
      "AlterPolicyStmt",
      "DropStmt",
      "VacuumStmt",
      "ClusterStmt",
      "ReindexStmt",
      "RefreshMatViewStmt",
      "CommentStmt",
      "GrantStmt",
      // commands of ALTER TABLE
      "AT_AddColumn",
      "AT_DropColumn",
      "AT_AlterColumnType",
      "AT_ColumnDefault",
      "AT_SetNotNull",
      "AT_DropNotNull",
      "AT_AddConstraint",
      "AT_ValidateConstraint",
      "AT_DropConstraint",
      "AT_AttachPartition",
      "AT_DetachPartition",
      "AT_SetStatistics",
      "AT_SetStorage",
      "AT_SetOptions",
      "AT_SetRelOptions",
      "AT_SetLogged",
      "AT_SetUnLogged",
      "AT_SetAccessMethod",
      "AT_SetTableSpace",
      "AT_ClusterOn",
      "AT_EnableTrig",
      "AT_DisableTrig",
      "AT_EnableRowSecurity",
      "AT_DisableRowSecurity",
      "AT_ReplicaIdentity",
      "AT_AddInherit",
      "AT_AddIdentity",
      "AT_DropIdentity",
      "AT_DropExpression",
      "AT_DetachPartitionFinalize",
      "AT_ResetRelOptions",
      "AT_DropInherit",
      "AT_EnableTrigAll",
      "AT_DisableTrigAll",
      "AT_ForceRowSecurity",
      "AT_NoForceRowSecurity",
      "AT_AlterConstraint",
      "AT_SetIdentity",
      "AT_DropCluster",
      "AT_ResetOptions",
      "AT_EnableTrigUser",
      "AT_DisableTrigUser",
      "AT_EnableAlwaysTrig",
      "AT_EnableReplicaTrig",
  };
  return classes;
}

void note_classes(const Facts& facts, const Statement& statement, std::set<std::string>& classes) {
  classes.emplace(statement.tree.tag());
  for (const Action& action : facts.actions) classes.emplace(action.subtype);
}

}  // namespace segue::sql
