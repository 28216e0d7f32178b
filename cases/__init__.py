"""Leads, cases and evidence: everything that must never be lost."""
