export default function AuditTrail() {
  return null;
}
