-- Phase 1 of the plan: enums, flags, products, opportunities, relationship tables, indexes.
-- As the plan has it, mistakes included: this is what the lint and the rehearsal are tried on. Do not run it.
-- What the plan says in words (enum types, columns to add) is written as the SQL that the words describe.

-- 1A: new enum types
CREATE TYPE opportunity_stage_enum AS ENUM (
  'New Lead', 'Initial Outreach', 'Sample/Visit Offered', 'Awaiting Response', 'Feedback Logged', 'Demo Scheduled',
  'Closed - Won', 'Closed - Stalled', 'Closed - No Fit'
);
CREATE TYPE interaction_type_enum AS ENUM ('Email', 'Phone Call', 'Meeting', 'Demo/sampled', 'Follow-up', 'Note');
CREATE TYPE sentiment_enum AS ENUM ('Positive', 'Neutral', 'Negative');
CREATE TYPE advocacy_status_enum AS ENUM ('Champion', 'Supporter', 'Neutral', 'Skeptic', 'Blocker');

-- 1A: organizations
ALTER TABLE organizations ADD COLUMN is_principal BOOLEAN DEFAULT FALSE;
ALTER TABLE organizations ADD COLUMN is_distributor BOOLEAN DEFAULT FALSE;
ALTER TABLE organizations DROP COLUMN IF EXISTS annual_revenue;
ALTER TABLE organizations DROP COLUMN IF EXISTS currency_code;

-- 1A: products
CREATE TABLE products (
  product_id BIGSERIAL PRIMARY KEY,
  principal_id BIGINT REFERENCES organizations(organization_id),
  name VARCHAR(255) NOT NULL,
  category VARCHAR(100),
  description TEXT,
  created_at TIMESTAMPTZ DEFAULT NOW(),
  updated_at TIMESTAMPTZ DEFAULT NOW(),
  deleted_at TIMESTAMPTZ
);

-- 1A: opportunities
ALTER TABLE opportunities DROP COLUMN IF EXISTS deal_value;
ALTER TABLE opportunities DROP COLUMN IF EXISTS revenue;
ALTER TABLE opportunities ADD COLUMN stage opportunity_stage_enum DEFAULT 'New Lead';
ALTER TABLE opportunities ADD COLUMN context VARCHAR(100);

-- 1B: relationship tables
CREATE TABLE opportunity_products (
  opportunity_id BIGINT REFERENCES opportunities(opportunity_id) ON DELETE CASCADE,
  product_id BIGINT REFERENCES products(product_id) ON DELETE CASCADE,
  created_at TIMESTAMPTZ DEFAULT NOW(),
  PRIMARY KEY (opportunity_id, product_id)
);

CREATE TABLE opportunity_principals (
  opportunity_id BIGINT REFERENCES opportunities(opportunity_id) ON DELETE CASCADE,
  principal_id BIGINT REFERENCES organizations(organization_id) ON DELETE CASCADE,
  created_at TIMESTAMPTZ DEFAULT NOW(),
  PRIMARY KEY (opportunity_id, principal_id)
);

CREATE TABLE interactions (
  interaction_id BIGSERIAL PRIMARY KEY,
  opportunity_id BIGINT REFERENCES opportunities(opportunity_id),
  coÿntact_id BIGINT REFERENCES contacts(contact_id),
  interaction_type interaction_type_enum NOT NULL,
  interaction_date TIMESTAMPTZ DEFAULT NOW(),
  notes TEXT,
  sentiment sentiment_enum DEFAULT 'Neutral',
  follow_up_required BOOLEAN DEFAULT FALSE,
  follow_up_date DATE,
  created_at TIMESTAMPTZ DEFAULT NOW(),
  updated_at TIMESTAMPTZ DEFAULT NOW(),
  deleted_at TIMESTAMPTZ
);

ALTER TABLE contacts ADD COLUMN advocacy_status advocacy_status_enum DEFAULT 'Neutral';
ALTER TABLE contacts ADD COLUMN is_key_contact BOOLEAN DEFAULT FALSE;

-- 1C: indexes

-- Principal/Distributor lookups
CREATE INDEX idx_organizations_is_principal ON organizations(is_principal) WHERE is_principal = TRUE;
CREATE INDEX idx_organizations_is_distributor ON organizations(is_distributor) WHERE is_distributor = TRUE;

-- Product lookups
CREATE INDEX idx_products_principal_id ON products(principal_id);
CREATE INDEX idx_products_category ON products(category);

-- Opportunity lookups
CREATE INDEX idx_opportunities_stage ON opportunities(stage);
CREATE INDEX idx_opportunities_organization_id ON opportunities(organization_id);

-- Interaction lookups
CREATE INDEX idx_interactions_opportunity_id ON interactions(opportunity_id);
CREATE INDEX idx_interactions_contact_id ON interactions(contact_id);
CREATE INDEX idx_interactions_date ON interactions(interaction_date);
CREATE INDEX idx_interactions_follow_up ON interactions(follow_up_required, follow_up_date) WHERE follow_up_required = TRUE;
