"use client";
/** The interface as a component of React. */
import { createElement, useEffect, useRef } from "react";
import { attach } from "./attached.js";

export function Checkout({ className, ...options }) {
  const box = useRef(null);
  const latest = useRef(options);
  const attached = useRef(null);
  const { signer, paymentId, clientSecret, resume, locale, appearance } = options;

  // In this order: what is mounted below finds the properties of this very rendering.
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    const current = attach(box.current, () => latest.current);
    attached.current = current;
    return () => current.detach();
  }, [signer, paymentId, clientSecret, resume]);
  useEffect(() => attached.current.update(), [locale, appearance]);

  return createElement("div", { ref: box, className });
}
