import { createHash } from 'node:crypto';

/** Colours and letters come from TechDocs; this places pages and their list beside each other. */
export const styles = `.docs{display:grid;grid-template-columns:14rem minmax(0,1fr);gap:2rem;padding:1rem 0 3rem}
.docs__nav{font-size:.875rem;line-height:1.4}
.docs__nav ul{list-style:none;margin:0;padding:0}
.docs__nav .md-nav__link{display:block;padding:.25rem .5rem;color:inherit;text-decoration:none;overflow-wrap:anywhere}
.docs__nav .md-nav__link:hover,.docs__nav .md-nav__link:focus-visible{text-decoration:underline}
.docs__nav .md-nav__link--active{font-weight:700}
.docs__nav .docs__parts{margin:0 0 .5rem 1rem}
.docs__section{padding:.75rem .5rem .25rem;font-weight:700}
.docs__page{max-width:48rem;overflow-wrap:break-word}
.docs__page h1{margin-top:0}
.docs__page img{max-width:100%;height:auto}
.docs__page pre{overflow-x:auto}
.docs__page table{display:block;max-width:100%;overflow-x:auto;border-collapse:collapse}
.docs__page th,.docs__page td{padding:.375rem .75rem;border:1px solid var(--md-default-fg-color--lightest,#ccc);text-align:left}
@media(max-width:50rem){.docs{grid-template-columns:minmax(0,1fr);gap:1rem}}
`;

const digest = createHash('sha256').update(styles).digest('hex').slice(0, 8);

/** TechDocs takes style sheets of this name alone. */
export const stylesFile = `assets/main.${digest}.min.css`;
