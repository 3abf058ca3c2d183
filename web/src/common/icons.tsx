import type { ReactNode } from 'react';

type Props = { size?: number; label?: string; color?: string };

function Icon({ size = 18, label, color, children }: Props & { children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke={color ?? 'currentColor'}
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
    >
      {children}
    </svg>
  );
}

export const KeyIcon = () => (
  <Icon size={22} color="var(--mantine-primary-color-filled)">
    <circle cx="8" cy="15" r="4.5" />
    <path d="M11.3 11.7 20 3M16 7l3 3M13 10l2 2" />
  </Icon>
);

export const PersonIcon = () => (
  <Icon>
    <circle cx="12" cy="8" r="4" />
    <path d="M4 21c0-4 4-6 8-6s8 2 8 6" />
  </Icon>
);

export const CheckIcon = ({ isHidden = false, ...props }: Props & { isHidden?: boolean }) => (
  <Icon {...props}>{!isHidden && <path d="m4 12 6 6L20 6" />}</Icon>
);

export const DotsIcon = () => (
  <Icon>
    <path d="M12 5h.01M12 12h.01M12 19h.01" strokeWidth={3} />
  </Icon>
);

export const CopyIcon = () => (
  <Icon>
    <rect x="9" y="9" width="12" height="12" rx="2" />
    <path d="M5 15H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v1" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M12 5v14M5 12h14" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="11" cy="11" r="7" />
    <path d="m20 20-4-4" />
  </Icon>
);
