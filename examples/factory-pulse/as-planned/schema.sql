-- The schema changes of the plan "organizations as customers".
-- As the plan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.

-- 1. Modify projects table

-- Add new column for organization as customer
ALTER TABLE projects ADD COLUMN customer_organization_id UUID REFERENCES organizations(id);

-- Update existing records to map contact_id to organization_id
UPDATE projects
SET customer_organization_id = c.organization_id
FROM contacts c
WHERE projects.customer_id = c.id AND c.type = 'customer';

-- Add foreign key constraint
ALTER TABLE projects ADD CONSTRAINT projects_customer_organization_id_fkey
FOREIGN KEY (customer_organization_id) REFERENCES organizations(id);

-- 2. Enhance contacts table

-- Add role field to contacts to identify purchasing, engineering, etc.
ALTER TABLE contacts ADD COLUMN role VARCHAR(100);

-- Add flag for primary contact
ALTER TABLE contacts ADD COLUMN is_primary_contact BOOLEAN DEFAULT false;

-- Add description field for additional context
ALTER TABLE contacts ADD COLUMN description TEXT;

-- 3. Create project-contact relationship table

-- Create new table for project-specific contact points
CREATE TABLE project_contact_points (
  id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
  project_id UUID REFERENCES projects(id) ON DELETE CASCADE,
  contact_id UUID REFERENCES contacts(id) ON DELETE CASCADE,
  role VARCHAR(100),
  is_primary BOOLEAN DEFAULT false,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- Add indexes for performance
CREATE INDEX IF NOT EXISTS idx_project_contact_points_project_id ON project_contact_points(project_id);
CREATE INDEX IF NOT EXISTS idx_project_contact_points_contact_id ON project_contact_points(contact_id);
CREATE INDEX IF NOT EXISTS idx_project_contact_points_role ON project_contact_points(role);
